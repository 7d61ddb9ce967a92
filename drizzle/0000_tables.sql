CREATE SCHEMA "mail";
--> statement-breakpoint
CREATE TYPE "public"."dossier_state" AS ENUM('open', 'officer', 'awaiting_paper', 'correction', 'completed', 'refused');--> statement-breakpoint
CREATE TYPE "public"."letter_state" AS ENUM('received', 'registered', 'examined', 'approved', 'listed', 'checked', 'officer', 'awaiting_paper', 'quarantine', 'completed', 'correction', 'refused', 'ignored', 'duplicate');--> statement-breakpoint
CREATE TYPE "public"."mailbox_kind" AS ENUM('person', 'unit');--> statement-breakpoint
CREATE TYPE "public"."mailbox_state" AS ENUM('pending', 'active', 'locked', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."notice_state" AS ENUM('queued', 'sending', 'sent', 'failed');--> statement-breakpoint
CREATE TYPE "public"."row_state" AS ENUM('valid', 'faulty', 'officer', 'done', 'failed');--> statement-breakpoint
CREATE TABLE "activation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"address" text NOT NULL,
	"full_name" text NOT NULL,
	"regulation" text NOT NULL,
	"dossier" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	CONSTRAINT "activation_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "dossier" (
	"number" text PRIMARY KEY NOT NULL,
	"regulation" text NOT NULL,
	"unit" text NOT NULL,
	"kinds" text[] NOT NULL,
	"state" "dossier_state" NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"complete_at" timestamp (3) with time zone,
	"due_date" text,
	"due_at" timestamp (3) with time zone,
	"due_legal" boolean,
	"due_firm" boolean,
	"closed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "dossier_row" (
	"id" uuid PRIMARY KEY NOT NULL,
	"dossier" text NOT NULL,
	"letter" uuid NOT NULL,
	"position" integer NOT NULL,
	"state" "row_state" NOT NULL,
	"address" text,
	"row" jsonb NOT NULL,
	"result" text
);
--> statement-breakpoint
CREATE TABLE "letter" (
	"id" uuid PRIMARY KEY NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"door" text NOT NULL,
	"client" text,
	"regulation" text NOT NULL,
	"unit" text,
	"sender" text NOT NULL,
	"person" text,
	"message_id" text,
	"size" integer NOT NULL,
	"digest" "bytea" NOT NULL,
	"signed_digest" "bytea",
	"kinds" text[] NOT NULL,
	"facts" jsonb NOT NULL,
	"state" "letter_state" NOT NULL,
	"version" integer DEFAULT 0 NOT NULL,
	"reason" text,
	"dossier" text,
	"findings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"lease_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "letter_bytes" (
	"letter" uuid PRIMARY KEY NOT NULL,
	"raw" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mail"."alias" (
	"address" text PRIMARY KEY NOT NULL,
	"goto" text NOT NULL,
	"domain" text NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"created" timestamp (3) with time zone NOT NULL,
	"modified" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mail"."domain" (
	"domain" text PRIMARY KEY NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"created" timestamp (3) with time zone NOT NULL,
	"modified" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mail"."last_login" (
	"username" text PRIMARY KEY NOT NULL,
	"last_login" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mail"."mailbox" (
	"username" text PRIMARY KEY NOT NULL,
	"password" text NOT NULL,
	"name" text NOT NULL,
	"maildir" text NOT NULL,
	"quota" bigint NOT NULL,
	"local_part" text NOT NULL,
	"domain" text NOT NULL,
	"active" boolean NOT NULL,
	"locked_reason" text,
	"created" timestamp (3) with time zone NOT NULL,
	"modified" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mail"."carried_out" (
	"id" text NOT NULL,
	"action" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "carried_out_id_action_pk" PRIMARY KEY("id","action")
);
--> statement-breakpoint
CREATE TABLE "mailbox" (
	"address" text PRIMARY KEY NOT NULL,
	"kind" "mailbox_kind" NOT NULL,
	"full_name" text NOT NULL,
	"position" text,
	"unit" text NOT NULL,
	"state" "mailbox_state" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_login" timestamp (3) with time zone,
	"locked_at" timestamp (3) with time zone,
	CONSTRAINT "mailbox_address_lower" CHECK ("mailbox"."address" = lower("mailbox"."address"))
);
--> statement-breakpoint
CREATE TABLE "notice" (
	"id" uuid PRIMARY KEY NOT NULL,
	"event" text NOT NULL,
	"letter" uuid,
	"dossier" text,
	"template" text NOT NULL,
	"recipient" text NOT NULL,
	"subject" text NOT NULL,
	"text" text NOT NULL,
	"html" text NOT NULL,
	"message_id" text NOT NULL,
	"in_reply_to" text,
	"references" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"state" "notice_state" NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"lease_until" timestamp (3) with time zone,
	"sent_at" timestamp (3) with time zone,
	"last_error" text
);
--> statement-breakpoint
CREATE TABLE "number_series" (
	"year" integer PRIMARY KEY NOT NULL,
	"last" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "unit" (
	"code" text PRIMARY KEY NOT NULL,
	"regulation" text NOT NULL,
	"name" text NOT NULL,
	"mailbox" text,
	"parent" text,
	"level" text NOT NULL,
	"abbreviation" text NOT NULL,
	"certificates" text[] DEFAULT '{}' NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "unit_mailbox_lower" CHECK ("unit"."mailbox" = lower("unit"."mailbox"))
);
--> statement-breakpoint
ALTER TABLE "dossier" ADD CONSTRAINT "dossier_unit_unit_code_fk" FOREIGN KEY ("unit") REFERENCES "public"."unit"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dossier_row" ADD CONSTRAINT "dossier_row_dossier_dossier_number_fk" FOREIGN KEY ("dossier") REFERENCES "public"."dossier"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dossier_row" ADD CONSTRAINT "dossier_row_letter_letter_id_fk" FOREIGN KEY ("letter") REFERENCES "public"."letter"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "letter" ADD CONSTRAINT "letter_unit_unit_code_fk" FOREIGN KEY ("unit") REFERENCES "public"."unit"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "letter_bytes" ADD CONSTRAINT "letter_bytes_letter_letter_id_fk" FOREIGN KEY ("letter") REFERENCES "public"."letter"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mail"."mailbox" ADD CONSTRAINT "mailbox_domain_domain_domain_fk" FOREIGN KEY ("domain") REFERENCES "mail"."domain"("domain") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mailbox" ADD CONSTRAINT "mailbox_unit_unit_code_fk" FOREIGN KEY ("unit") REFERENCES "public"."unit"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice" ADD CONSTRAINT "notice_letter_letter_id_fk" FOREIGN KEY ("letter") REFERENCES "public"."letter"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "dossier_unit" ON "dossier" USING btree ("unit");--> statement-breakpoint
CREATE INDEX "dossier_due" ON "dossier" USING btree ("due_at");--> statement-breakpoint
CREATE UNIQUE INDEX "dossier_row_of_letter" ON "dossier_row" USING btree ("letter","position");--> statement-breakpoint
CREATE INDEX "dossier_row_dossier" ON "dossier_row" USING btree ("dossier");--> statement-breakpoint
CREATE UNIQUE INDEX "letter_digest" ON "letter" USING btree ("digest");--> statement-breakpoint
CREATE UNIQUE INDEX "letter_signed_digest" ON "letter" USING btree ("signed_digest");--> statement-breakpoint
CREATE INDEX "letter_due" ON "letter" USING btree ("due_at") WHERE "letter"."state" in ('received','examined','registered','approved','listed','checked');--> statement-breakpoint
CREATE INDEX "letter_dossier" ON "letter" USING btree ("dossier");--> statement-breakpoint
CREATE INDEX "mailbox_unit" ON "mailbox" USING btree ("unit");--> statement-breakpoint
CREATE UNIQUE INDEX "notice_event" ON "notice" USING btree ("event");--> statement-breakpoint
CREATE INDEX "notice_due" ON "notice" USING btree ("due_at") WHERE "notice"."state" in ('queued','sending');--> statement-breakpoint
CREATE UNIQUE INDEX "unit_mailbox" ON "unit" USING btree ("mailbox");--> statement-breakpoint
CREATE INDEX "unit_parent" ON "unit" USING btree ("parent");