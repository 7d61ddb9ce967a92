-- Making months is the gateway's work; a login that only reads must not be able to make any.
REVOKE ALL ON FUNCTION mail_log.ensure_month(timestamptz) FROM PUBLIC;
--> statement-breakpoint
REVOKE ALL ON FUNCTION mail_log.ensure_partition(text, timestamptz) FROM PUBLIC;
--> statement-breakpoint
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'congthu_gateway') THEN
    GRANT EXECUTE ON FUNCTION mail_log.ensure_month(timestamptz), mail_log.ensure_partition(text, timestamptz)
      TO congthu_gateway;
  END IF;
END $$;
