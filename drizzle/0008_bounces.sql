ALTER TYPE "public"."notice_state" ADD VALUE 'bounced';--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "bounce_hash" "bytea";--> statement-breakpoint
ALTER TABLE "notice" ADD CONSTRAINT "notice_bounce_hash_unique" UNIQUE("bounce_hash");