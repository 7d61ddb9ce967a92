CREATE TYPE "public"."imap_fate" AS ENUM('taken', 'refused', 'for_officer');--> statement-breakpoint
CREATE TABLE "imap_message" (
	"mailbox" text NOT NULL,
	"uid_validity" bigint NOT NULL,
	"uid" bigint NOT NULL,
	"fate" "imap_fate",
	"attempts" integer NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"last_error" text,
	CONSTRAINT "imap_message_mailbox_uid_validity_uid_pk" PRIMARY KEY("mailbox","uid_validity","uid")
);
