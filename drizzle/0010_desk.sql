ALTER TYPE "public"."letter_state" ADD VALUE 'sealed' BEFORE 'ignored';--> statement-breakpoint
CREATE TABLE "desk_action" (
	"id" uuid PRIMARY KEY NOT NULL,
	"letter" uuid NOT NULL,
	"dossier" text,
	"action" text NOT NULL,
	"officer" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"from_state" "letter_state" NOT NULL,
	"to_state" "letter_state" NOT NULL,
	"version" integer NOT NULL,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "letter" ADD COLUMN "assignee" text;--> statement-breakpoint
ALTER TABLE "desk_action" ADD CONSTRAINT "desk_action_letter_letter_id_fk" FOREIGN KEY ("letter") REFERENCES "public"."letter"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "desk_action" ADD CONSTRAINT "desk_action_officer_account_name_fk" FOREIGN KEY ("officer") REFERENCES "public"."account"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "desk_action_letter" ON "desk_action" USING btree ("letter","version");--> statement-breakpoint
ALTER TABLE "letter" ADD CONSTRAINT "letter_assignee_account_name_fk" FOREIGN KEY ("assignee") REFERENCES "public"."account"("name") ON DELETE no action ON UPDATE no action;