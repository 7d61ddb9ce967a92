CREATE TYPE "public"."document_purpose" AS ENUM('reply', 'covering');--> statement-breakpoint
CREATE TYPE "public"."document_state" AS ENUM('draft', 'signed');--> statement-breakpoint
CREATE TYPE "public"."lock_reason" AS ENUM('inactive', 'first_password', 'officer');--> statement-breakpoint
CREATE TYPE "public"."order_state" AS ENUM('draft', 'sent', 'answered');--> statement-breakpoint
ALTER TYPE "public"."dossier_state" ADD VALUE 'executor' BEFORE 'completed';--> statement-breakpoint
ALTER TYPE "public"."dossier_state" ADD VALUE 'document' BEFORE 'completed';--> statement-breakpoint
ALTER TYPE "public"."letter_state" ADD VALUE 'executor' BEFORE 'completed';--> statement-breakpoint
ALTER TYPE "public"."letter_state" ADD VALUE 'scheduled' BEFORE 'completed';--> statement-breakpoint
ALTER TYPE "public"."letter_state" ADD VALUE 'answered' BEFORE 'ignored';--> statement-breakpoint
ALTER TYPE "public"."row_state" ADD VALUE 'waiting' BEFORE 'done';--> statement-breakpoint
ALTER TYPE "public"."row_state" ADD VALUE 'ordered' BEFORE 'done';--> statement-breakpoint
ALTER TYPE "public"."row_state" ADD VALUE 'replaced';--> statement-breakpoint
CREATE TABLE "absence" (
	"address" text NOT NULL,
	"dossier" text NOT NULL,
	"reason" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "absence_address_dossier_pk" PRIMARY KEY("address","dossier")
);
--> statement-breakpoint
CREATE TABLE "calendar_day" (
	"date" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"source" text NOT NULL,
	"status" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "campaign" (
	"id" text PRIMARY KEY NOT NULL,
	"regulation" text NOT NULL,
	"report" text NOT NULL,
	"due_date" text NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "campaign_answer" (
	"campaign" text NOT NULL,
	"unit" text NOT NULL,
	"letter" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "campaign_answer_campaign_unit_letter_pk" PRIMARY KEY("campaign","unit","letter")
);
--> statement-breakpoint
CREATE TABLE "deletion_candidate" (
	"address" text NOT NULL,
	"since" text NOT NULL,
	"holds_on" text NOT NULL,
	"source" text NOT NULL,
	"proposed_at" timestamp (3) with time zone NOT NULL,
	"approved" boolean,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	CONSTRAINT "deletion_candidate_address_since_pk" PRIMARY KEY("address","since")
);
--> statement-breakpoint
CREATE TABLE "dossier_interval" (
	"dossier" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"started_by" uuid,
	"due_date" text,
	"stopped_at" timestamp (3) with time zone,
	"stopped_by" "dossier_state",
	CONSTRAINT "dossier_interval_dossier_started_at_pk" PRIMARY KEY("dossier","started_at")
);
--> statement-breakpoint
CREATE TABLE "former_mailbox" (
	"address" text PRIMARY KEY NOT NULL,
	"unit" text NOT NULL,
	"valid_to" text
);
--> statement-breakpoint
CREATE TABLE "job_run" (
	"job" text NOT NULL,
	"period" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "job_run_job_period_pk" PRIMARY KEY("job","period")
);
--> statement-breakpoint
CREATE TABLE "notice_attachment" (
	"notice" uuid NOT NULL,
	"position" integer NOT NULL,
	"filename" text NOT NULL,
	"media_type" text NOT NULL,
	"content" "bytea" NOT NULL,
	CONSTRAINT "notice_attachment_notice_position_pk" PRIMARY KEY("notice","position")
);
--> statement-breakpoint
CREATE TABLE "official_document" (
	"id" uuid PRIMARY KEY NOT NULL,
	"purpose" "document_purpose" NOT NULL,
	"dossier" text,
	"order_number" text,
	"state" "document_state" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"docx" "bytea" NOT NULL,
	"pdf" "bytea" NOT NULL,
	"signed" "bytea",
	"signed_at" timestamp (3) with time zone,
	"signed_by" text
);
--> statement-breakpoint
CREATE TABLE "series" (
	"name" text NOT NULL,
	"year" integer NOT NULL,
	"last" integer NOT NULL,
	CONSTRAINT "series_name_year_pk" PRIMARY KEY("name","year")
);
--> statement-breakpoint
CREATE TABLE "work_order" (
	"number" text PRIMARY KEY NOT NULL,
	"regulation" text NOT NULL,
	"executor" text NOT NULL,
	"state" "order_state" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"answered_at" timestamp (3) with time zone,
	"answer" uuid
);
--> statement-breakpoint
ALTER TABLE "dossier_row" ADD COLUMN "not_before" text;--> statement-breakpoint
ALTER TABLE "dossier_row" ADD COLUMN "order_number" text;--> statement-breakpoint
ALTER TABLE "dossier_row" ADD COLUMN "order_line" integer;--> statement-breakpoint
ALTER TABLE "mailbox" ADD COLUMN "lock_reason" "lock_reason";--> statement-breakpoint
ALTER TABLE "unit" ADD COLUMN "successor" text;--> statement-breakpoint
ALTER TABLE "absence" ADD CONSTRAINT "absence_dossier_dossier_number_fk" FOREIGN KEY ("dossier") REFERENCES "public"."dossier"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaign_answer" ADD CONSTRAINT "campaign_answer_campaign_campaign_id_fk" FOREIGN KEY ("campaign") REFERENCES "public"."campaign"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaign_answer" ADD CONSTRAINT "campaign_answer_unit_unit_code_fk" FOREIGN KEY ("unit") REFERENCES "public"."unit"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaign_answer" ADD CONSTRAINT "campaign_answer_letter_letter_id_fk" FOREIGN KEY ("letter") REFERENCES "public"."letter"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dossier_interval" ADD CONSTRAINT "dossier_interval_dossier_dossier_number_fk" FOREIGN KEY ("dossier") REFERENCES "public"."dossier"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dossier_interval" ADD CONSTRAINT "dossier_interval_started_by_letter_id_fk" FOREIGN KEY ("started_by") REFERENCES "public"."letter"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "former_mailbox" ADD CONSTRAINT "former_mailbox_unit_unit_code_fk" FOREIGN KEY ("unit") REFERENCES "public"."unit"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_attachment" ADD CONSTRAINT "notice_attachment_notice_notice_id_fk" FOREIGN KEY ("notice") REFERENCES "public"."notice"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "official_document" ADD CONSTRAINT "official_document_dossier_dossier_number_fk" FOREIGN KEY ("dossier") REFERENCES "public"."dossier"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "official_document" ADD CONSTRAINT "official_document_order_number_work_order_number_fk" FOREIGN KEY ("order_number") REFERENCES "public"."work_order"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "work_order" ADD CONSTRAINT "work_order_answer_letter_id_fk" FOREIGN KEY ("answer") REFERENCES "public"."letter"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "official_document_dossier" ON "official_document" USING btree ("dossier");--> statement-breakpoint
CREATE INDEX "official_document_order" ON "official_document" USING btree ("order_number");--> statement-breakpoint
CREATE INDEX "dossier_row_order" ON "dossier_row" USING btree ("order_number");