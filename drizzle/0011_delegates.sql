CREATE TABLE "delegate" (
	"id" uuid PRIMARY KEY NOT NULL,
	"unit" text NOT NULL,
	"full_name" text NOT NULL,
	"position" text,
	"phone" text,
	"named_by" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "mailbox_review" (
	"address" text NOT NULL,
	"letter" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "mailbox_review_address_letter_pk" PRIMARY KEY("address","letter")
);
--> statement-breakpoint
ALTER TABLE "delegate" ADD CONSTRAINT "delegate_unit_unit_code_fk" FOREIGN KEY ("unit") REFERENCES "public"."unit"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mailbox_review" ADD CONSTRAINT "mailbox_review_letter_letter_id_fk" FOREIGN KEY ("letter") REFERENCES "public"."letter"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "delegate_unit" ON "delegate" USING btree ("unit");