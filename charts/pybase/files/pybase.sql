-- Run once, by the image, on an empty data folder.
-- Alembic keeps its version table in schema pybase but only its first migration would create the schema.
CREATE SCHEMA IF NOT EXISTS pybase AUTHORIZATION pybase;
-- PyBase's indexes need it; in public, where every role finds it.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
