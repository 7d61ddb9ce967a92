CREATE TYPE "public"."picture_kind" AS ENUM('page', 'seal', 'strokes');--> statement-breakpoint
CREATE TABLE "scan_image" (
	"sha256" "bytea" NOT NULL,
	"letter" uuid NOT NULL,
	CONSTRAINT "scan_image_sha256_letter_pk" PRIMARY KEY("sha256","letter")
);
--> statement-breakpoint
CREATE TABLE "scan_picture" (
	"letter" uuid NOT NULL,
	"document" integer NOT NULL,
	"page" integer NOT NULL,
	"kind" "picture_kind" NOT NULL,
	"number" integer NOT NULL,
	"media_type" text NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"sha256" "bytea" NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "scan_picture_letter_document_page_kind_number_pk" PRIMARY KEY("letter","document","page","kind","number")
);
--> statement-breakpoint
CREATE TABLE "unit_seal" (
	"unit" text PRIMARY KEY NOT NULL,
	"media_type" text NOT NULL,
	"sha256" "bytea" NOT NULL,
	"bytes" "bytea" NOT NULL,
	"enrolled_at" timestamp (3) with time zone NOT NULL,
	"enrolled_by" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "scan_image" ADD CONSTRAINT "scan_image_letter_letter_id_fk" FOREIGN KEY ("letter") REFERENCES "public"."letter"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scan_picture" ADD CONSTRAINT "scan_picture_letter_letter_id_fk" FOREIGN KEY ("letter") REFERENCES "public"."letter"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unit_seal" ADD CONSTRAINT "unit_seal_unit_unit_code_fk" FOREIGN KEY ("unit") REFERENCES "public"."unit"("code") ON DELETE no action ON UPDATE no action;