CREATE TABLE "mail"."manual_order" (
	"id" text NOT NULL,
	"action" text NOT NULL,
	"address" text NOT NULL,
	"detail" jsonb NOT NULL,
	"ordered_at" timestamp (3) with time zone NOT NULL,
	"decided_at" timestamp (3) with time zone,
	"decided_by" text,
	"refused" text,
	CONSTRAINT "manual_order_id_action_pk" PRIMARY KEY("id","action")
);
--> statement-breakpoint
CREATE INDEX "manual_order_open" ON "mail"."manual_order" USING btree ("ordered_at") WHERE "mail"."manual_order"."decided_at" is null;