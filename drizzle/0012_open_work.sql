CREATE INDEX "dossier_open" ON "dossier" USING btree ("due_at") WHERE "dossier"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "letter_state" ON "letter" USING btree ("state");--> statement-breakpoint
CREATE INDEX "notice_not_sent" ON "notice" USING btree ("state") WHERE "notice"."state" <> 'sent';