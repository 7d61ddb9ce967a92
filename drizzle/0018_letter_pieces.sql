-- The bytes of a letter lie in pieces. They are not compressed: base64 of signed and packed files hardly shrinks, and trying
-- costs more than storing. Letters that are here already keep their one piece.
ALTER TABLE "letter_bytes" ADD COLUMN "piece" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "letter_bytes" DROP CONSTRAINT "letter_bytes_pkey";--> statement-breakpoint
ALTER TABLE "letter_bytes" ADD CONSTRAINT "letter_bytes_letter_piece_pk" PRIMARY KEY("letter","piece");--> statement-breakpoint
ALTER TABLE "letter_bytes" ALTER COLUMN "raw" SET STORAGE EXTERNAL;
