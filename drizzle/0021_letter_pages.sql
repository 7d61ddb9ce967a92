-- The bytes of a letter lie in pieces that just fill a page; PostgreSQL would cut them into parts of 2 KB in a table of their
-- own. Letters that are here already keep their larger pieces, which are still cut.
ALTER TABLE "letter_bytes" SET (toast_tuple_target = 8160);
