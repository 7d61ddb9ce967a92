CREATE TYPE "public"."account_role" AS ENUM('officer', 'auditor', 'admin');--> statement-breakpoint
CREATE TABLE "account" (
	"name" text PRIMARY KEY NOT NULL,
	"full_name" text NOT NULL,
	"role" "account_role" NOT NULL,
	"password_hash" text,
	"password_changed_at" timestamp (3) with time zone NOT NULL,
	"must_change" boolean NOT NULL,
	"totp_secret" text,
	"totp_step" bigint DEFAULT 0 NOT NULL,
	"recovery_hashes" text[] DEFAULT '{}' NOT NULL,
	"oidc_subject" text,
	"disabled_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "account_oidc_subject_unique" UNIQUE("oidc_subject"),
	CONSTRAINT "account_name_lower" CHECK ("account"."name" = lower("account"."name"))
);
--> statement-breakpoint
CREATE TABLE "console_session" (
	"token_hash" "bytea" PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"proven_at" timestamp (3) with time zone,
	"client" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "login_guess" (
	"key" text PRIMARY KEY NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"count" integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE "console_session" ADD CONSTRAINT "console_session_account_account_name_fk" FOREIGN KEY ("account") REFERENCES "public"."account"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "console_session_account" ON "console_session" USING btree ("account");