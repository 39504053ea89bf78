--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: audit_entries_append_only(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audit_entries_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN RAISE EXCEPTION 'audit_entries is append-only'; END $$;


--
-- Name: visible_workspaces(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.visible_workspaces() RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO '$user', 'public'
    AS $$
DECLARE
    found TEXT[];
BEGIN
    -- An UPDATE that has waited for another one evaluates all of a policy's subqueries, whatever the scope.
    IF current_setting('mynah.scope', true) IS DISTINCT FROM 'user' THEN RETURN '{}'; END IF;
    PERFORM set_config('mynah.scope', 'system', true);
    found := ARRAY(SELECT workspace_id FROM members WHERE user_id = current_setting('mynah.id', true));
    PERFORM set_config('mynah.scope', 'user', true);
    RETURN found;
END $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_keys (
    id text NOT NULL COLLATE pg_catalog."C",
    workspace_id text COLLATE pg_catalog."C",
    chatbot_id text COLLATE pg_catalog."C",
    user_id text COLLATE pg_catalog."C",
    created_by text COLLATE pg_catalog."C",
    name text NOT NULL,
    kind text NOT NULL,
    prefix text NOT NULL,
    hash bytea NOT NULL,
    scopes text NOT NULL,
    origins text NOT NULL,
    rate_limit text,
    budget bigint,
    spent bigint DEFAULT 0 NOT NULL,
    expires_at bigint,
    revoked_at bigint,
    last_used_at bigint,
    created_at bigint NOT NULL,
    CONSTRAINT api_keys_check CHECK (
CASE kind
    WHEN 'user'::text THEN ((user_id IS NOT NULL) AND (chatbot_id IS NULL) AND (workspace_id IS NULL))
    ELSE ((user_id IS NULL) AND (chatbot_id IS NOT NULL) AND (workspace_id IS NOT NULL))
END),
    CONSTRAINT api_keys_kind_check CHECK ((kind = ANY (ARRAY['secret'::text, 'publishable'::text, 'user'::text])))
);

ALTER TABLE ONLY public.api_keys FORCE ROW LEVEL SECURITY;


--
-- Name: audit_entries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_entries (
    id text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL,
    action text NOT NULL,
    target text,
    outcome text NOT NULL,
    detail text,
    address text,
    request_id text,
    created_at bigint NOT NULL
);


--
-- Name: audit_seals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_seals (
    sequence bigint NOT NULL,
    entry_id text NOT NULL COLLATE pg_catalog."C",
    mac bytea NOT NULL
);


--
-- Name: chatbots; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.chatbots (
    id text NOT NULL COLLATE pg_catalog."C",
    workspace_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    slug text NOT NULL,
    description text,
    provider text,
    model text,
    models text NOT NULL,
    temperature double precision,
    max_tokens bigint,
    llm_endpoint_url text,
    greeting text,
    config text NOT NULL,
    fallback_message text,
    is_default bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    fallback_messages text,
    signing_secret text
);

ALTER TABLE ONLY public.chatbots FORCE ROW LEVEL SECURITY;


--
-- Name: conversations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.conversations (
    id text NOT NULL COLLATE pg_catalog."C",
    workspace_id text NOT NULL COLLATE pg_catalog."C",
    chatbot_id text NOT NULL COLLATE pg_catalog."C",
    user_id text COLLATE pg_catalog."C",
    title text,
    session_data text,
    last_position bigint DEFAULT 0 NOT NULL,
    turn_message_id text COLLATE pg_catalog."C",
    turn_until bigint,
    turn_stop bigint DEFAULT 0 NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    end_user_id text COLLATE pg_catalog."C"
);

ALTER TABLE ONLY public.conversations FORCE ROW LEVEL SECURITY;


--
-- Name: credits; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.credits (
    user_id text NOT NULL COLLATE pg_catalog."C",
    balance bigint NOT NULL,
    month bigint NOT NULL,
    granted bigint DEFAULT 0 NOT NULL,
    CONSTRAINT credits_balance_check CHECK ((balance >= 0))
);


--
-- Name: daily_usage; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.daily_usage (
    user_id text NOT NULL COLLATE pg_catalog."C",
    day bigint NOT NULL,
    messages bigint NOT NULL,
    visitor_messages bigint DEFAULT 0 NOT NULL,
    conversations bigint NOT NULL,
    visitor_conversations bigint DEFAULT 0 NOT NULL
);


--
-- Name: deleted_users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.deleted_users (
    user_id text NOT NULL COLLATE pg_catalog."C",
    deleted_by text NOT NULL,
    reason text NOT NULL,
    deleted_at bigint NOT NULL,
    wants_export bigint DEFAULT 0 NOT NULL,
    exported_at bigint,
    purging_at bigint
);


--
-- Name: end_users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.end_users (
    id text NOT NULL COLLATE pg_catalog."C",
    workspace_id text NOT NULL COLLATE pg_catalog."C",
    chatbot_id text NOT NULL COLLATE pg_catalog."C",
    external_id text NOT NULL,
    profile text,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);

ALTER TABLE ONLY public.end_users FORCE ROW LEVEL SECURITY;


--
-- Name: idempotency_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency_keys (
    principal text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status bigint,
    content_type text,
    answer text,
    created_at bigint NOT NULL
);


--
-- Name: ip_rules; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ip_rules (
    id text NOT NULL COLLATE pg_catalog."C",
    cidr text NOT NULL,
    action text NOT NULL,
    note text,
    created_by text NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT ip_rules_action_check CHECK ((action = ANY (ARRAY['allow'::text, 'deny'::text])))
);


--
-- Name: jobs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.jobs (
    id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    unique_key text,
    payload text,
    state text NOT NULL,
    attempts bigint NOT NULL,
    run_at bigint NOT NULL,
    leased_until bigint,
    leased_by text,
    last_error text,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT jobs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'dead'::text])))
);


--
-- Name: known_addresses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.known_addresses (
    account_id text NOT NULL COLLATE pg_catalog."C",
    address bytea NOT NULL,
    used_at bigint NOT NULL
);


--
-- Name: members; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.members (
    workspace_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL,
    created_at bigint NOT NULL,
    accepted_at bigint,
    CONSTRAINT members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'editor'::text, 'viewer'::text])))
);

ALTER TABLE ONLY public.members FORCE ROW LEVEL SECURITY;


--
-- Name: message_logs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.message_logs (
    id text NOT NULL COLLATE pg_catalog."C",
    workspace_id text NOT NULL COLLATE pg_catalog."C",
    chatbot_id text NOT NULL COLLATE pg_catalog."C",
    payer_id text COLLATE pg_catalog."C",
    user_id text COLLATE pg_catalog."C",
    key_id text COLLATE pg_catalog."C",
    end_user_id text COLLATE pg_catalog."C",
    conversation_id text COLLATE pg_catalog."C",
    message_id text COLLATE pg_catalog."C",
    request_id text,
    provider text,
    model text NOT NULL,
    prompt_tokens bigint NOT NULL,
    completion_tokens bigint NOT NULL,
    cost bigint NOT NULL,
    first_token_ms bigint,
    total_ms bigint NOT NULL,
    outcome text NOT NULL,
    error_code text,
    content text,
    created_at bigint NOT NULL,
    CONSTRAINT message_logs_outcome_check CHECK ((outcome = ANY (ARRAY['complete'::text, 'partial'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.message_logs FORCE ROW LEVEL SECURITY;


--
-- Name: messages; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.messages (
    id text NOT NULL COLLATE pg_catalog."C",
    workspace_id text NOT NULL COLLATE pg_catalog."C",
    conversation_id text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    sender text NOT NULL,
    content text NOT NULL,
    status text NOT NULL,
    error_code text,
    model text,
    prompt_tokens bigint,
    completion_tokens bigint,
    rating bigint,
    comment text,
    created_at bigint NOT NULL,
    CONSTRAINT messages_sender_check CHECK ((sender = ANY (ARRAY['user'::text, 'ai'::text, 'staff'::text, 'system'::text]))),
    CONSTRAINT messages_status_check CHECK ((status = ANY (ARRAY['running'::text, 'complete'::text, 'partial'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.messages FORCE ROW LEVEL SECURITY;


--
-- Name: one_time_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.one_time_tokens (
    hash bytea NOT NULL,
    purpose text NOT NULL,
    user_id text COLLATE pg_catalog."C",
    email text,
    expires_at bigint NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT one_time_tokens_check CHECK (((purpose = 'setup'::text) = (user_id IS NULL))),
    CONSTRAINT one_time_tokens_purpose_check CHECK ((purpose = ANY (ARRAY['setup'::text, 'verify_email'::text, 'reset_password'::text])))
);


--
-- Name: operator_refresh_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.operator_refresh_tokens (
    hash bytea NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    used_at bigint
);


--
-- Name: operator_sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.operator_sessions (
    id text NOT NULL COLLATE pg_catalog."C",
    operator_id text NOT NULL COLLATE pg_catalog."C",
    address text,
    user_agent text,
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    expires_at bigint NOT NULL
);


--
-- Name: operators; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.operators (
    id text NOT NULL COLLATE pg_catalog."C",
    username text NOT NULL,
    username_key text NOT NULL,
    name text NOT NULL,
    email text,
    password_hash text NOT NULL,
    role text NOT NULL,
    level bigint,
    permissions text,
    disabled_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT operators_check CHECK (((role = 'staff'::text) = (level IS NOT NULL))),
    CONSTRAINT operators_check1 CHECK (((role = 'admin'::text) OR (permissions IS NULL))),
    CONSTRAINT operators_level_check CHECK (((level >= 1) AND (level <= 3))),
    CONSTRAINT operators_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'staff'::text])))
);


--
-- Name: plans; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.plans (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    name_key text NOT NULL,
    requests_per_minute bigint,
    conversations_per_day bigint,
    messages_per_day bigint,
    credits_per_month bigint,
    files bigint,
    keys bigint,
    models text,
    is_default bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT plans_conversations_per_day_check CHECK ((conversations_per_day >= 0)),
    CONSTRAINT plans_credits_per_month_check CHECK ((credits_per_month >= 0)),
    CONSTRAINT plans_files_check CHECK ((files >= 0)),
    CONSTRAINT plans_keys_check CHECK ((keys >= 0)),
    CONSTRAINT plans_messages_per_day_check CHECK ((messages_per_day >= 0)),
    CONSTRAINT plans_requests_per_minute_check CHECK ((requests_per_minute > 0))
);


--
-- Name: prices; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.prices (
    model text NOT NULL,
    input_per_million bigint NOT NULL,
    output_per_million bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT prices_input_per_million_check CHECK ((input_per_million >= 0)),
    CONSTRAINT prices_output_per_million_check CHECK ((output_per_million >= 0))
);


--
-- Name: prompts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.prompts (
    id text NOT NULL COLLATE pg_catalog."C",
    workspace_id text NOT NULL COLLATE pg_catalog."C",
    chatbot_id text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    content text NOT NULL,
    is_active bigint NOT NULL,
    created_at bigint NOT NULL
);

ALTER TABLE ONLY public.prompts FORCE ROW LEVEL SECURITY;


--
-- Name: providers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.providers (
    name text NOT NULL,
    base_url text,
    api_key text,
    is_enabled bigint NOT NULL,
    updated_at bigint NOT NULL
);


--
-- Name: recovery_codes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.recovery_codes (
    hash bytea NOT NULL,
    factor_id text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: refresh_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.refresh_tokens (
    hash bytea NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    used_at bigint
);


--
-- Name: replaced_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.replaced_keys (
    hash bytea NOT NULL,
    key_id text NOT NULL COLLATE pg_catalog."C",
    works_until bigint NOT NULL
);


--
-- Name: reservations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reservations (
    id text NOT NULL COLLATE pg_catalog."C",
    key_id text COLLATE pg_catalog."C",
    user_id text COLLATE pg_catalog."C",
    amount bigint NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT reservations_new_amount_check CHECK ((amount > 0))
);


--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    number bigint NOT NULL,
    name text NOT NULL,
    applied_at bigint NOT NULL
);


--
-- Name: second_factors; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.second_factors (
    id text NOT NULL COLLATE pg_catalog."C",
    user_id text COLLATE pg_catalog."C",
    operator_id text COLLATE pg_catalog."C",
    secret text NOT NULL,
    last_step bigint DEFAULT 0 NOT NULL,
    confirmed_at bigint,
    created_at bigint NOT NULL,
    CONSTRAINT second_factors_check CHECK (((user_id IS NULL) <> (operator_id IS NULL)))
);


--
-- Name: sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sessions (
    id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    secret_hash bytea,
    address text,
    user_agent text,
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT sessions_kind_check CHECK ((kind = ANY (ARRAY['token'::text, 'cookie'::text])))
);


--
-- Name: signing_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.signing_keys (
    id text NOT NULL COLLATE pg_catalog."C",
    private_key text NOT NULL,
    created_at bigint NOT NULL
);


--
-- Name: staff_accesses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.staff_accesses (
    id text NOT NULL COLLATE pg_catalog."C",
    operator_id text NOT NULL COLLATE pg_catalog."C",
    operator_name text NOT NULL,
    workspace_id text NOT NULL COLLATE pg_catalog."C",
    conversation_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL
);

ALTER TABLE ONLY public.staff_accesses FORCE ROW LEVEL SECURITY;


--
-- Name: tickets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tickets (
    hash bytea NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    expires_at bigint NOT NULL
);


--
-- Name: user_exports; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.user_exports (
    id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    content text NOT NULL,
    created_at bigint NOT NULL
);


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    id text NOT NULL COLLATE pg_catalog."C",
    username text,
    username_key text,
    email text,
    email_key text,
    email_verified_at bigint,
    password_hash text NOT NULL,
    details text,
    disabled_at bigint,
    deleted_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    last_sign_in_at bigint,
    plan_id text COLLATE pg_catalog."C",
    limits text,
    CONSTRAINT users_check CHECK (((username_key IS NOT NULL) OR (email_key IS NOT NULL)))
);


--
-- Name: workspaces; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.workspaces (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    personal_user_id text COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);

ALTER TABLE ONLY public.workspaces FORCE ROW LEVEL SECURITY;


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_keys VALUES
	('01a221cc-39e0-73b2-944a-5cb008eb7374', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', NULL, '01a221cc-3390-72c4-93a9-7f8834f27788', 'key', 'secret', 'mk_live_01a221cc39e073b2944a5cb008eb7374', '\x68603385d8055fc13692505b114fa5bf5e3dbff0773f20283651dddde63fecc2', 'read', '', NULL, NULL, 0, NULL, NULL, NULL, 1795863362016),
	('01a221cc-39fd-715a-9425-5ad62cdd357c', NULL, NULL, '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', 'key', 'user', 'mk_user_01a221cc39fd715a94255ad62cdd357c', '\xfd442eef26b66c724c844d41338d1eb1b3fa4e0d02d34f748fa7354e1bf091fc', 'read chat write', '', NULL, NULL, 0, NULL, NULL, NULL, 1795863362045),
	('01a221cc-3a05-7094-ad16-e4c803e9ba2b', NULL, NULL, '01a221cc-34d3-736d-b781-b6746315f6e8', '01a221cc-34d3-736d-b781-b6746315f6e8', 'key', 'user', 'mk_user_01a221cc3a057094ad16e4c803e9ba2b', '\x23d7ceb090960b2491403c5e45f292aab16540138256e8d32d9ff4eb75dece65', 'read chat write', '', NULL, NULL, 0, NULL, 1795863362067, NULL, 1795863362053),
	('01a221cc-39d0-71d5-8e6b-6330c4736c21', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', NULL, '01a221cc-3390-72c4-93a9-7f8834f27788', 'key', 'secret', 'mk_live_01a221cc39d071d58e6b6330c4736c21', '\x31ff8b795d2a2c1b20c3e6e2b36d1995696ed895950dcea5ff11a6e65d4c7869', 'read chat', '', NULL, 5000000, 336, NULL, NULL, 1795863363949, 1795863362000),
	('01a221cc-39ec-717c-a52e-204a5d0498d6', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', NULL, '01a221cc-3390-72c4-93a9-7f8834f27788', 'key', 'publishable', 'mk_pub_01a221cc39ec717ca52e204a5d0498d6', '\xcc0be8117174da2bc30040bac47b1eb6a423e0b4b83a96d531fd43cc0e910285', 'chat', 'https://shop.example.com', NULL, NULL, 28, NULL, NULL, 1795863364429, 1795863362028);


--
-- Data for Name: audit_entries; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_entries VALUES
	('01a221cc-31ca-72ef-a036-5a8d7efe80a6', 'system', 'mynah admin create', 'operator:01a221cc-31c9-7010-b588-4f9392bfb9ed', 'success', NULL, NULL, NULL, 1795863359946),
	('01a221cc-3261-71fe-9803-8c8d5baf07c9', 'operator:01a221cc-31c9-7010-b588-4f9392bfb9ed', 'POST /admin/login', 'operator:01a221cc-31c9-7010-b588-4f9392bfb9ed', 'success', '{"fields":["password","username"]}', '127.0.0.1', '01a221cc-3215-706c-afc8-97d443f14c49', 1795863360097),
	('01a221cc-33a4-71c4-99fe-f0ac18ac31af', 'anonymous', 'POST /auth/register', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'success', '{"fields":["email","first_name","password","username"]}', '127.0.0.1', '01a221cc-32dd-7244-803d-526ab38e2e0d', 1795863360420),
	('01a221cc-3454-72ad-90c8-14d60ef892c4', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /auth/token', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'success', '{"fields":["password","username"]}', '127.0.0.1', '01a221cc-33ec-7109-8b1d-ea66e91dd830', 1795863360596),
	('01a221cc-34dc-70e0-bd4b-15eb42d040ad', 'anonymous', 'POST /auth/register', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'success', '{"fields":["email","first_name","password","username"]}', '127.0.0.1', '01a221cc-348f-7056-9ce4-4d9ca7f13e03', 1795863360732),
	('01a221cc-3573-70a7-9c57-34f70aa17337', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'POST /auth/token', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'success', '{"fields":["password","username"]}', '127.0.0.1', '01a221cc-3516-71bc-9525-6d6c5db06aaf', 1795863360883),
	('01a221cc-3634-712e-8594-8725df2f1e25', 'anonymous', 'POST /auth/register', 'user:01a221cc-361c-71a4-8d9a-eab721f33e28', 'success', '{"fields":["first_name","password","username"]}', '127.0.0.1', '01a221cc-35da-7348-bf40-4a150fbf1258', 1795863361076),
	('01a221cc-36de-73af-b3e9-6ba3e2643076', 'user:01a221cc-361c-71a4-8d9a-eab721f33e28', 'POST /auth/token', 'user:01a221cc-361c-71a4-8d9a-eab721f33e28', 'success', '{"fields":["password","username"]}', '127.0.0.1', '01a221cc-3680-704d-8269-a2d7c2de6c66', 1795863361246),
	('01a221cc-37b2-71d8-b472-0933d302e490', 'anonymous', 'POST /auth/register', 'user:01a221cc-37a4-737a-bd1b-7449945ab626', 'success', '{"fields":["email","password","username"]}', '127.0.0.1', '01a221cc-3764-7195-a1a3-e0f1fc26ea2c', 1795863361458),
	('01a221cc-386f-728a-a71e-0a96e6386d0e', 'user:01a221cc-37a4-737a-bd1b-7449945ab626', 'POST /auth/token', 'user:01a221cc-37a4-737a-bd1b-7449945ab626', 'success', '{"fields":["password","username"]}', '127.0.0.1', '01a221cc-3800-7346-a3c3-bdf99270cf72', 1795863361648),
	('01a221cc-38c0-72b5-9772-b55bc4a6f898', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /users/{id}/details', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'success', '{"fields":["last_name","preferences","profile_data","role"]}', '127.0.0.1', '01a221cc-38ba-72cc-b6f9-ec0edce136cb', 1795863361728),
	('01a221cc-38d6-71ef-be08-14e4f496611f', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /workspaces', 'workspace:01a221cc-38d2-7378-a267-5d0c49f2e50c', 'success', '{"fields":["name"]}', '127.0.0.1', '01a221cc-38d1-7066-921e-920fd43e8203', 1795863361750),
	('01a221cc-38db-72dc-8500-3def5be1b844', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /workspaces/{workspace_id}/members', 'workspace:01a221cc-38d2-7378-a267-5d0c49f2e50c', 'success', '{"fields":["role","username"],"role":"editor","user":"01a221cc-34d3-736d-b781-b6746315f6e8"}', '127.0.0.1', '01a221cc-38d8-733a-9f2a-47015af9dff9', 1795863361755),
	('01a221cc-38f0-73ea-8b29-efa0e08ea9b9', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /workspaces/{workspace_id}/members', 'workspace:01a221cc-38d2-7378-a267-5d0c49f2e50c', 'success', '{"fields":["role","username"],"role":"viewer","user":"01a221cc-361c-71a4-8d9a-eab721f33e28"}', '127.0.0.1', '01a221cc-38e7-7085-b093-885f8187d04e', 1795863361776),
	('01a221cc-38fa-729a-bc49-3e95082ca7ef', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'POST /workspaces/{workspace_id}/accept', 'workspace:01a221cc-38d2-7378-a267-5d0c49f2e50c', 'success', '{"fields":["role"]}', '127.0.0.1', '01a221cc-38f7-72d1-97dd-3eb7542b2a6d', 1795863361786),
	('01a221cc-3907-7304-a49b-de788df97233', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'POST /workspaces', 'workspace:01a221cc-3903-70f3-84f3-2490db1db82d', 'success', '{"fields":["name"]}', '127.0.0.1', '01a221cc-3903-70f2-be84-5200fd0be223', 1795863361799),
	('01a221cc-3927-70a4-86d8-3b6bfc318331', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'POST /workspaces/{workspace_id}/members', 'workspace:01a221cc-3903-70f3-84f3-2490db1db82d', 'success', '{"fields":["role","username"],"role":"owner","user":"01a221cc-3390-72c4-93a9-7f8834f27788"}', '127.0.0.1', '01a221cc-3922-7252-821c-8e4a82997b18', 1795863361831),
	('01a221cc-3942-707b-8695-2a103b4d79b2', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /chatbots', 'chatbot:01a221cc-3940-71d2-9077-5816dec4c009', 'success', '{"fields":["config","description","greeting","models","name","slug","temperature"]}', '127.0.0.1', '01a221cc-393e-731d-83ba-faaf90bb55a0', 1795863361858),
	('01a221cc-3979-71d0-a238-0ae431b488c1', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /chatbots/{chatbot_id}/prompts', 'chatbot:01a221cc-3940-71d2-9077-5816dec4c009', 'success', '{"fields":["content"]}', '127.0.0.1', '01a221cc-3970-7085-beab-d40f9ed831ce', 1795863361913),
	('01a221cc-398d-736e-9661-f56688341963', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /chatbots/{chatbot_id}/prompts', 'chatbot:01a221cc-3940-71d2-9077-5816dec4c009', 'success', '{"fields":["content"]}', '127.0.0.1', '01a221cc-3989-7307-9aaa-8db46496310d', 1795863361933),
	('01a221cc-39ae-7109-b0f7-c82fb02ecf96', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /chatbots/{chatbot_id}/prompts/{prompt_id}/activate', 'prompt:01a221cc-3978-734e-b8c7-e947e39fc2d5', 'success', NULL, '127.0.0.1', '01a221cc-39ab-71a8-a515-3c1542afa040', 1795863361966),
	('01a221cc-39b8-7192-bfbb-3f4dfc8fc080', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'POST /chatbots', 'chatbot:01a221cc-39b8-7191-a618-304c95dde34c', 'success', '{"fields":["name","slug"]}', '127.0.0.1', '01a221cc-39b6-71f3-aa72-5cfc48c37d28', 1795863361976),
	('01a221cc-39c9-71d9-adc6-9cd9b93dd040', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /chatbots', 'chatbot:01a221cc-39c8-73ec-8ee3-03fbaab992cc', 'success', '{"fields":["llm_endpoint_url","name"]}', '127.0.0.1', '01a221cc-39bf-7014-8e45-b6b6a17173b6', 1795863361993),
	('01a221cc-39d1-727d-bb18-210091f649ac', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /chatbots/{chatbot_id}/api-keys', 'chatbot:01a221cc-3940-71d2-9077-5816dec4c009', 'success', '{"budget":5000000,"expires_at":null,"fields":["budget","name"],"key":"01a221cc-39d0-71d5-8e6b-6330c4736c21","kind":"secret","rate_limit":null,"scopes":["read","chat"]}', '127.0.0.1', '01a221cc-39cc-7276-a595-1097c11f5325', 1795863362001),
	('01a221cc-39e1-711a-894f-cdc1aa4d94e4', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /chatbots/{chatbot_id}/api-keys', 'chatbot:01a221cc-3940-71d2-9077-5816dec4c009', 'success', '{"budget":null,"expires_at":null,"fields":["name","scopes"],"key":"01a221cc-39e0-73b2-944a-5cb008eb7374","kind":"secret","rate_limit":null,"scopes":["read"]}', '127.0.0.1', '01a221cc-39d6-71b2-aec3-35a6ba6f2253', 1795863362017),
	('01a221cc-39ed-70e6-913c-70b7b6d811ca', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /chatbots/{chatbot_id}/api-keys', 'chatbot:01a221cc-3940-71d2-9077-5816dec4c009', 'success', '{"budget":null,"expires_at":null,"fields":["kind","name","origins"],"key":"01a221cc-39ec-717c-a52e-204a5d0498d6","kind":"publishable","rate_limit":null,"scopes":["chat"]}', '127.0.0.1', '01a221cc-39e6-713f-8118-03d9a52a9880', 1795863362029),
	('01a221cc-39fe-7346-b3ba-ed17ff0f98e0', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /users/me/api-keys', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'success', '{"budget":null,"expires_at":null,"fields":["name"],"key":"01a221cc-39fd-715a-9425-5ad62cdd357c","kind":"user","rate_limit":null,"scopes":["read","chat","write"]}', '127.0.0.1', '01a221cc-39fa-7306-8b0e-26ce3b461672', 1795863362046),
	('01a221cc-3a06-7318-bfbc-48c053ba0bb7', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'POST /users/me/api-keys', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'success', '{"budget":null,"expires_at":null,"fields":["name"],"key":"01a221cc-3a05-7094-ad16-e4c803e9ba2b","kind":"user","rate_limit":null,"scopes":["read","chat","write"]}', '127.0.0.1', '01a221cc-3a02-72be-94c0-702e5561c0a3', 1795863362054),
	('01a221cc-3a80-718d-a8f8-caaf08068c83', 'operator:01a221cc-31c9-7010-b588-4f9392bfb9ed', 'POST /admin/ip-rules', 'ip_rule:01a221cc-3a7f-73a7-81c4-8dd3dfa4ca08', 'success', '{"action":"deny","cidr":"203.0.113.0/24","fields":["action","cidr","note"]}', '127.0.0.1', '01a221cc-3a7e-7082-be93-505e6ac7982e', 1795863362176),
	('01a221cc-3c9d-7108-9e91-432222d16bb6', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'PUT /conversations/{conversation_id}/messages/{message_id}/feedback', 'message:01a221cc-3c5d-7035-9e4a-49b90283e8de', 'success', '{"fields":["comment","rating"]}', '127.0.0.1', '01a221cc-3c9a-73c5-87db-09530718509f', 1795863362717),
	('01a221cc-40f4-7097-b63e-85e084a536a1', 'user:01a221cc-361c-71a4-8d9a-eab721f33e28', 'PATCH /conversations/{conversation_id}', 'conversation:01a221cc-40c0-70c9-b583-2b63779d590e', 'success', '{"fields":["title"]}', '127.0.0.1', '01a221cc-40f2-7121-ac47-88e7abc5289f', 1795863363828),
	('01a221cc-456d-7049-90f8-bd6f65e29908', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'POST /auth/token', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'success', '{"fields":["password","username"]}', '127.0.0.1', '01a221cc-4521-708a-b2ec-e224261a347c', 1795863364973),
	('01a221cc-3a1d-718e-a1d2-1561ccfba7ee', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'DELETE /users/me/api-keys/{own_key_id}', 'key:01a221cc-3a05-7094-ad16-e4c803e9ba2b', 'success', NULL, '127.0.0.1', '01a221cc-3a12-71a5-aa1e-8d9815e94834', 1795863362077),
	('01a221cc-3dd6-7018-9596-72b8090f24a2', 'user:01a221cc-361c-71a4-8d9a-eab721f33e28', 'PUT /conversations/{conversation_id}/messages/{message_id}/feedback', 'message:01a221cc-3d8c-72c2-ad56-d08f9c50bd7b', 'success', '{"fields":["comment","rating"]}', '127.0.0.1', '01a221cc-3dd3-7133-9e02-331ff36a67cb', 1795863363030),
	('01a221cc-3ffd-70f8-8ecc-3998b54fa81a', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'PUT /conversations/{conversation_id}/messages/{message_id}/feedback', 'message:01a221cc-3fb0-705f-a44e-fec4931949a5', 'success', '{"fields":["comment","rating"]}', '127.0.0.1', '01a221cc-3ff6-7333-93bf-3169d9021c28', 1795863363581),
	('01a221cc-3a32-7121-99a9-9548977852a5', 'operator:01a221cc-31c9-7010-b588-4f9392bfb9ed', 'PUT /admin/prices/{model}', 'model:openai/scripted', 'success', '{"fields":["input_per_million","output_per_million"],"input_per_million":2500000,"output_per_million":10000000}', '127.0.0.1', '01a221cc-3a2f-72e7-be63-8bb1066477a2', 1795863362098),
	('01a221cc-3b08-73e5-b214-15f16014824d', 'operator:01a221cc-31c9-7010-b588-4f9392bfb9ed', 'DELETE /admin/users/{id}', 'user:01a221cc-37a4-737a-bd1b-7449945ab626', 'success', '{"fields":["reason"],"reason":"asked for it"}', '127.0.0.1', '01a221cc-3afb-709e-9faa-569e791ce180', 1795863362312),
	('01a221cc-3ce8-72ce-9d0c-4c09b168a4e9', 'user:01a221cc-361c-71a4-8d9a-eab721f33e28', 'PATCH /conversations/{conversation_id}', 'conversation:01a221cc-3cae-73e1-9ddf-9e1cc5777498', 'success', '{"fields":["title"]}', '127.0.0.1', '01a221cc-3ce4-70a9-8d8b-e7a313c8e50f', 1795863362792),
	('01a221cc-3ef1-7054-a589-56258b63788e', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'PUT /conversations/{conversation_id}/messages/{message_id}/feedback', 'message:01a221cc-3eb1-7283-9689-46d92d0ccf43', 'success', '{"fields":["comment","rating"]}', '127.0.0.1', '01a221cc-3eef-738d-866d-a65552d03959', 1795863363313),
	('01a221cc-43ee-73d9-95a8-a0b5d9de69d7', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'POST /auth/token', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'success', '{"fields":["password","username"]}', '127.0.0.1', '01a221cc-43a5-738e-addc-11881d66b187', 1795863364590),
	('01a221cc-3a3f-72bb-b1ad-f9584a0b70fc', 'operator:01a221cc-31c9-7010-b588-4f9392bfb9ed', 'POST /admin/plans', 'plan:01a221cc-3a3f-72ba-a9f5-c395ee1e9c8a', 'success', '{"conversations_per_day":null,"credits_per_month":50000000,"fields":["credits_per_month","name","requests_per_minute"],"files":null,"is_default":false,"keys":null,"messages_per_day":null,"models":null,"name":"দল","requests_per_minute":600}', '127.0.0.1', '01a221cc-3a3e-7207-ae9a-2c8df12cd722', 1795863362112),
	('01a221cc-3b68-7175-87d3-69f0cddd65f4', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'PUT /conversations/{conversation_id}/messages/{message_id}/feedback', 'message:01a221cc-3b13-71cf-b623-a8afd68d0490', 'success', '{"fields":["comment","rating"]}', '127.0.0.1', '01a221cc-3b62-70f8-85c9-986fdcf69725', 1795863362408),
	('01a221cc-3a62-73ae-a9ab-3f322d5be201', 'operator:01a221cc-31c9-7010-b588-4f9392bfb9ed', 'PATCH /admin/users/{id}', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'success', '{"fields":["plan"],"plan":{"from":"free","to":"01a221cc-3a3f-72ba-a9f5-c395ee1e9c8a"}}', '127.0.0.1', '01a221cc-3a4e-70d3-8a7c-bde8967b4771', 1795863362146),
	('01a221cc-3b70-70dd-ab54-1dd857c1ec72', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'PATCH /conversations/{conversation_id}', 'conversation:01a221cc-3b13-71d1-81b9-82cfd362fb6a', 'success', '{"fields":["title"]}', '127.0.0.1', '01a221cc-3b6e-7294-a708-2e86b6548a5e', 1795863362416),
	('01a221cc-3fa8-71d5-a455-225959b39662', 'user:01a221cc-3390-72c4-93a9-7f8834f27788', 'PATCH /conversations/{conversation_id}', 'conversation:01a221cc-3f75-70c9-b139-1bf45ef0f948', 'success', '{"fields":["title"]}', '127.0.0.1', '01a221cc-3fa0-7219-9d8e-dfbe670c1d37', 1795863363496),
	('01a221cc-3a73-7248-8575-95018cc2b870', 'operator:01a221cc-31c9-7010-b588-4f9392bfb9ed', 'POST /admin/users/{id}/credits', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'success', '{"balance":7000000,"fields":["balance","reason"],"reason":"শুভেচ্ছা"}', '127.0.0.1', '01a221cc-3a6e-708d-a382-91c8f59f5a02', 1795863362163),
	('01a221cc-46ea-7074-a208-b9137c89e573', 'user:01a221cc-361c-71a4-8d9a-eab721f33e28', 'POST /auth/token', 'user:01a221cc-361c-71a4-8d9a-eab721f33e28', 'success', '{"fields":["password","username"]}', '127.0.0.1', '01a221cc-469d-7378-8994-5f3f71d18b10', 1795863365354),
	('01a221cc-3ae5-7235-82a4-b81622599901', 'operator:01a221cc-31c9-7010-b588-4f9392bfb9ed', 'POST /admin/operators', 'operator:01a221cc-3ae0-736d-bdbe-b18597610e8a', 'success', '{"disabled":false,"fields":["level","name","password","role","username"],"level":2,"permissions":null,"role":"staff","username":"help"}', '127.0.0.1', '01a221cc-3a89-7206-ba02-41a32083b38c', 1795863362277),
	('01a221cc-3e6d-73e4-b69a-f711d7533a8f', 'user:01a221cc-34d3-736d-b781-b6746315f6e8', 'PATCH /conversations/{conversation_id}', 'conversation:01a221cc-3e2d-71dd-b4f7-410c37810525', 'success', '{"fields":["title"]}', '127.0.0.1', '01a221cc-3e6b-70ee-95c0-3235f9683ce0', 1795863363181),
	('01a221cc-40ee-7289-aed3-165fd3ee7bea', 'user:01a221cc-361c-71a4-8d9a-eab721f33e28', 'PUT /conversations/{conversation_id}/messages/{message_id}/feedback', 'message:01a221cc-40c0-70c7-b992-03140e614222', 'success', '{"fields":["comment","rating"]}', '127.0.0.1', '01a221cc-40e8-7019-a1e2-8529930fbd3d', 1795863363822);


--
-- Data for Name: audit_seals; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_seals VALUES
	(1, '01a221cc-31ca-72ef-a036-5a8d7efe80a6', '\x86fe9d337d8b4248e02b5e0e7d2113b855adee1e2f1ed37237d724abce4e8e8f'),
	(2, '01a221cc-3261-71fe-9803-8c8d5baf07c9', '\x3b637686fdd06e1e0472e23f30cbeb9740f65d6e2756d0422b3a998d311eb793'),
	(3, '01a221cc-33a4-71c4-99fe-f0ac18ac31af', '\x37d8f4b6b15c9fbb69338b3efa870b4128cde09d6ae74582cdcc26f09f5585fb'),
	(4, '01a221cc-3454-72ad-90c8-14d60ef892c4', '\xd960dc1fb32ab6fb1d9f4a52cbd1ac78dde69a1179f053f6f46efaf99f1caf3e'),
	(5, '01a221cc-34dc-70e0-bd4b-15eb42d040ad', '\x1ced890583bfa1435bd19a9b66d1269c897646db08a63ff560492eaf3b2ad38e'),
	(6, '01a221cc-3573-70a7-9c57-34f70aa17337', '\x6b9bfede6c3aaee2420e0ccc7bea8b101d74af03cf9221980a206eae85893f8c'),
	(7, '01a221cc-3634-712e-8594-8725df2f1e25', '\x7ad09a0bd36bc64c707fbb039b3cc3bb9ea87f23be55d92701aa60d12ebbff3c'),
	(8, '01a221cc-36de-73af-b3e9-6ba3e2643076', '\x1cf459267d0d628c8e0e507a275e57a7281913da3baa5a1350252165d0f83759'),
	(9, '01a221cc-37b2-71d8-b472-0933d302e490', '\x3172096c19026d9ed32d9d773d81c4f5e0bb589975d035621a8187c56921501e'),
	(10, '01a221cc-386f-728a-a71e-0a96e6386d0e', '\xedc4cc4de0c569a4f4d5b62f1e9ff504b0a136c652a232ad65eea4353c811b9f'),
	(11, '01a221cc-38c0-72b5-9772-b55bc4a6f898', '\x1402de974b2d6070a12c1a685a6f5aa8785bd238e8e5599a58e6d243fa10a00e'),
	(12, '01a221cc-38d6-71ef-be08-14e4f496611f', '\x443a8a8e7d94dfcc84e63d65ad7a77b06b33a3f91847eeb2f5f9de25c08b7ac0'),
	(13, '01a221cc-38db-72dc-8500-3def5be1b844', '\x8f7e4e2ba86a270c7151a63f0c82f58949d1dce0491f476f2a17030de480704f'),
	(14, '01a221cc-38f0-73ea-8b29-efa0e08ea9b9', '\xded3d07c4d44b30d21518e31ddbedb19a1d01d7ea81e444c08ef2c8e9c11ca93'),
	(15, '01a221cc-38fa-729a-bc49-3e95082ca7ef', '\x512c712caec89c4351f53e7539de9f1ff13d2480a9d028c5c6ccad7477626968'),
	(16, '01a221cc-3907-7304-a49b-de788df97233', '\xc0b2a50087242c443594fbdef94946abca02d3550fd0ea960c6d76111422dcbd'),
	(17, '01a221cc-3927-70a4-86d8-3b6bfc318331', '\x0c9c7a44220fcda5d1630c68df8077addab3d615b539d3906890b873978ad6d4'),
	(18, '01a221cc-3942-707b-8695-2a103b4d79b2', '\xa98c12bf0448fadf608c3190ad837b1595a00523c260a340896ac4c6274df8ec'),
	(19, '01a221cc-3979-71d0-a238-0ae431b488c1', '\xd1affb5763ad6b1dfbcc65c3e20f15b106785ee6fec038a86d892882e72c5ac0'),
	(20, '01a221cc-398d-736e-9661-f56688341963', '\x09b4be4c3c4e0c60bd9f99dec532e43a4a5b2a3e4b03cf9819f952773770f914'),
	(21, '01a221cc-39ae-7109-b0f7-c82fb02ecf96', '\xed8777fbe8a851a5fbc4626a0d26930f69249e0896269f3ade968dd445a7c0a3'),
	(22, '01a221cc-39b8-7192-bfbb-3f4dfc8fc080', '\x7a4c14620f6ca1346c737658b2b5523f4552997b0f7abef9522182462d8bab1c'),
	(23, '01a221cc-39c9-71d9-adc6-9cd9b93dd040', '\xc2452c07a2100aa9291ff4d047cb489f7d2878d129ba06f41fd7eeba13c0f468'),
	(24, '01a221cc-39d1-727d-bb18-210091f649ac', '\xb19e5ab34c432247aa83ee0f15664989cd0ade44b019740ca9e6dc931458aca0'),
	(25, '01a221cc-39e1-711a-894f-cdc1aa4d94e4', '\x2dfeadc0f2846f0089d5cb7c0bd684fb4c4939853c8ffd7bd3943d7fed9f3ebc'),
	(26, '01a221cc-39ed-70e6-913c-70b7b6d811ca', '\x2a93d1edb450150f445133a325806b6dc27103585bc4f4ea9fc9eebc572c9fba'),
	(27, '01a221cc-39fe-7346-b3ba-ed17ff0f98e0', '\xb5b551e5b544424e204ce599a099a9d1c3108bc54f553a036feb34962e61bf9b'),
	(28, '01a221cc-3a06-7318-bfbc-48c053ba0bb7', '\xb2cd8fb8feb9c79e56b0db42092b3b53293ab6a12704b5008b9fe220357e65c1'),
	(29, '01a221cc-3a1d-718e-a1d2-1561ccfba7ee', '\x3cfb9e3a82bf008a5a6e5b0a8ec7bfd5405469ee959cc032178f68267eb3830f'),
	(30, '01a221cc-3a32-7121-99a9-9548977852a5', '\x4b86b60ec5be66d0be0070cc048860bd978538cae87c642360a23f819cdf0b51'),
	(31, '01a221cc-3a3f-72bb-b1ad-f9584a0b70fc', '\x1b88158b0dd17624465214315f61bdf202d033bbc4a3954aae49935afefd9c7f'),
	(32, '01a221cc-3a62-73ae-a9ab-3f322d5be201', '\x94e0a46a50c5b34057e7a0ff02db1594b0bb0a73a21369dcff82e53bb953bfcf'),
	(33, '01a221cc-3a73-7248-8575-95018cc2b870', '\x81dce6cd7ec926e4f3837853051bef835d35a20f0ae0b5c31fa123bb077bddd4'),
	(34, '01a221cc-3a80-718d-a8f8-caaf08068c83', '\xd4ad731376a4c47f3473321f187573361b167abfd62380c0a2a6cdac30e29658'),
	(35, '01a221cc-3ae5-7235-82a4-b81622599901', '\x1b1358b58f0dc08b425688951670cb49075d91fd5f6242efa823e3fb0e101572'),
	(36, '01a221cc-3b08-73e5-b214-15f16014824d', '\x78bbdcc7d16815d6b7375e15b69a86a9ea72068c41a6efa754df5956450b2567'),
	(37, '01a221cc-3b68-7175-87d3-69f0cddd65f4', '\x313d6e4f016548c7f3d945989f6ea2d5cb3d1caef2d3af7e7be26734e71a7be3'),
	(38, '01a221cc-3b70-70dd-ab54-1dd857c1ec72', '\xcc139455843f2153b86ac491b9f1165abfed405824b23034f58d3ea27536e7df'),
	(39, '01a221cc-3c9d-7108-9e91-432222d16bb6', '\x4fd66ee1d5caf3f05af4e1fd1da0d1927c34d88ce21616df724b51f228161015'),
	(40, '01a221cc-3ce8-72ce-9d0c-4c09b168a4e9', '\x02458325b289c45d48f42d7c4f43c95f0e169b200d5cd5c8a6dfc1605e4f84ba'),
	(41, '01a221cc-3dd6-7018-9596-72b8090f24a2', '\xc312acc6afaf130a30948a59d9ddc33ef68fba5a4541d81ca3c630b8e24c9ac8'),
	(42, '01a221cc-3e6d-73e4-b69a-f711d7533a8f', '\xb083bd3f877cce5f96d8618072c89fa6313be00e88beb0e3d9263c744243195d'),
	(43, '01a221cc-3ef1-7054-a589-56258b63788e', '\xc15d30629c88c880e3eaf31b5b0091afc827a901fc48488e3fba571c0f70056d'),
	(44, '01a221cc-3fa8-71d5-a455-225959b39662', '\xb934178394d1cb46a5e2df26f448692adff5bbbebc6b5e8129b942b82133575e'),
	(45, '01a221cc-3ffd-70f8-8ecc-3998b54fa81a', '\xb2be246b06da0637ede8a8f507008ccabd4ae5b5a3ff9f38f0636ec4b7156acd'),
	(46, '01a221cc-40ee-7289-aed3-165fd3ee7bea', '\x34574b7a2e83c24fdff07675d0c481eeca76ac8ab77906dcf7d24a5bcd345f6b'),
	(47, '01a221cc-40f4-7097-b63e-85e084a536a1', '\x9734e319e796e0c9db7511ce9088eaba3e37193b4cab025996eecdb627f8ccb8'),
	(48, '01a221cc-43ee-73d9-95a8-a0b5d9de69d7', '\xc78173a0adcd13a5406a81a857e2a37b6bfa1a009fef2ddc354afa561aaf6c1e'),
	(49, '01a221cc-456d-7049-90f8-bd6f65e29908', '\x49e6856339f72888079bd4f04fb3184e2a4ad64213697efe11d87ce01ad724e4'),
	(50, '01a221cc-46ea-7074-a208-b9137c89e573', '\xa49fb71db1f78c67ec34d07a6e60d1519c596d3085e1ba12e18dc72d5b93099a');


--
-- Data for Name: chatbots; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.chatbots VALUES
	('01a221cc-339d-73e5-b6a0-ce5c846135a7', '01a221cc-3398-7240-9b5b-c51b65f9b8dc', 'Assistant', 'assistant', NULL, NULL, NULL, '[]', NULL, NULL, NULL, NULL, '{}', NULL, 1, 1795863360400, 1795863360400, NULL, NULL),
	('01a221cc-34d7-70e5-a8ee-643ca703a697', '01a221cc-34d6-7066-b510-9f117ff009f6', 'Assistant', 'assistant', NULL, NULL, NULL, '[]', NULL, NULL, NULL, NULL, '{}', NULL, 1, 1795863360723, 1795863360723, NULL, NULL),
	('01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361e-72b6-b471-195e3a439119', 'Assistant', 'assistant', NULL, NULL, NULL, '[]', NULL, NULL, NULL, NULL, '{}', NULL, 1, 1795863361052, 1795863361052, NULL, NULL),
	('01a221cc-37a9-737a-aeba-aa8260c419da', '01a221cc-37a8-711d-9660-125736f6c8bb', 'Assistant', 'assistant', NULL, NULL, NULL, '[]', NULL, NULL, NULL, NULL, '{}', NULL, 1, 1795863361444, 1795863361444, NULL, NULL),
	('01a221cc-38d3-70c1-8ab0-9ea049ae4aa7', '01a221cc-38d2-7378-a267-5d0c49f2e50c', 'Assistant', 'assistant', NULL, NULL, NULL, '[]', NULL, NULL, NULL, NULL, '{}', NULL, 1, 1795863361747, 1795863361747, NULL, NULL),
	('01a221cc-3905-70d5-b02f-1deaf56f1fdc', '01a221cc-3903-70f3-84f3-2490db1db82d', 'Assistant', 'assistant', NULL, NULL, NULL, '[]', NULL, NULL, NULL, NULL, '{}', NULL, 1, 1795863361797, 1795863361797, NULL, NULL),
	('01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-38d2-7378-a267-5d0c49f2e50c', 'সহায়ক 🚲', 'helper', 'শনিবার আপনাদের দোকান কয়টায় খোলে?', NULL, NULL, '["scripted","scripted-large"]', 0.5, NULL, NULL, 'নমস্কার!', '{"रंग":["नीला","लाल"]}', NULL, 0, 1795863361856, 1795863361931, NULL, NULL),
	('01a221cc-39b8-7191-a618-304c95dde34c', '01a221cc-34d6-7066-b510-9f117ff009f6', 'مساعد', 'helper', NULL, NULL, NULL, '[]', NULL, NULL, NULL, NULL, '{}', NULL, 0, 1795863361976, 1795863361976, NULL, NULL),
	('01a221cc-39c8-73ec-8ee3-03fbaab992cc', '01a221cc-3398-7240-9b5b-c51b65f9b8dc', 'Own endpoint', 'own-endpoint', NULL, NULL, NULL, '[]', NULL, NULL, 'https://models.example.com/answer', NULL, '{}', NULL, 0, 1795863361992, 1795863361992, NULL, 'gAAAAABrCrNCcSExhku7NQve9pREKfPZVLBOn4b3H0ueldmMRmHymWAfxo3ipKicAR-scraFtbovJo0LXBra9jZgTKXhPlSb2hTC7Ut6yCEc7nlYJfZ98MTuWR5Czdd_mqjjWuIHi2fEy201bruw6nbak0FcaWiMXlz5LkGYqwpkuFe0wkpSbOk=');


--
-- Data for Name: conversations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.conversations VALUES
	('01a221cc-3c5e-70ed-b6a1-a850b84137e9', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-34d3-736d-b781-b6746315f6e8', 'Cumartesi günleri kaçta açıyorsunuz?', NULL, 4, NULL, NULL, 0, 1795863362654, 1795863362692, NULL),
	('01a221cc-3b13-71d1-81b9-82cfd362fb6a', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', 'When are you open on Saturdays?', NULL, 5, NULL, NULL, 0, 1795863362323, 1795863362430, NULL),
	('01a221cc-3b9c-71d1-86a6-0a6c46725622', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-34d3-736d-b781-b6746315f6e8', 'Wann haben Sie samstags geöffnet?', NULL, 4, NULL, NULL, 0, 1795863362460, 1795863362496, NULL),
	('01a221cc-3bdd-7294-91ec-3c2cfcf9f4fa', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', 'À quelle heure ouvrez-vous le samedi ?', NULL, 4, NULL, NULL, 0, 1795863362525, 1795863362569, NULL),
	('01a221cc-3c1d-720a-a068-9889dbceada8', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', 'Thứ bảy cửa hàng mở cửa lúc mấy giờ?', NULL, 4, NULL, NULL, 0, 1795863362589, 1795863362627, NULL),
	('01a221cc-3cae-73e1-9ddf-9e1cc5777498', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', 'Во сколько вы открываетесь в субботу?', NULL, 4, NULL, NULL, 0, 1795863362734, 1795863362765, NULL),
	('01a221cc-3cf7-7195-8a79-122a1b8845e5', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', 'Τι ώρα ανοίγετε το Σάββατο;', NULL, 5, NULL, NULL, 0, 1795863362807, 1795863362862, NULL),
	('01a221cc-3d4e-70f9-82e8-63837966a58a', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-34d3-736d-b781-b6746315f6e8', 'متى تفتحون يوم السبت؟', NULL, 4, NULL, NULL, 0, 1795863362894, 1795863362929, NULL),
	('01a221cc-3d8d-71da-8a7a-0e5dbf10fe4e', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', 'شنبه‌ها از چه ساعتی باز هستید؟', NULL, 4, NULL, NULL, 0, 1795863362956, 1795863362986, NULL),
	('01a221cc-3dde-727e-a685-16750b8bc01a', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', 'מתי אתם פתוחים ביום שישי?', NULL, 4, NULL, NULL, 0, 1795863363038, 1795863363081, NULL),
	('01a221cc-3e2d-71dd-b4f7-410c37810525', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-34d3-736d-b781-b6746315f6e8', 'शनिवार को आप कितने बजे खोलते हैं?', NULL, 4, NULL, NULL, 0, 1795863363117, 1795863363161, NULL),
	('01a221cc-3e7d-711d-b42e-a610615f3c71', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', 'শনিবার আপনাদের দোকান কয়টায় খোলে?', NULL, 4, NULL, NULL, 0, 1795863363196, 1795863363225, NULL),
	('01a221cc-3eb2-7343-b310-4e785b8162f7', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', 'சனிக்கிழமை எத்தனை மணிக்கு கடை திறக்கும்?', NULL, 5, NULL, NULL, 0, 1795863363250, 1795863363327, NULL),
	('01a221cc-3f22-716c-9bf0-23f868452363', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-34d3-736d-b781-b6746315f6e8', 'วันเสาร์ร้านเปิดกี่โมงครับ', NULL, 4, NULL, NULL, 0, 1795863363362, 1795863363389, NULL),
	('01a221cc-3f56-73a5-9e45-0bf5e5c15c2e', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '你们星期六几点开门？', NULL, 4, NULL, NULL, 0, 1795863363414, 1795863363433, NULL),
	('01a221cc-3f75-70c9-b139-1bf45ef0f948', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '你們星期六幾點開門？', NULL, 4, NULL, NULL, 0, 1795863363444, 1795863363474, NULL),
	('01a221cc-3fb0-7061-9247-99a48c854218', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-34d3-736d-b781-b6746315f6e8', '土曜日は何時に開店しますか。', NULL, 4, NULL, NULL, 0, 1795863363504, 1795863363557, NULL),
	('01a221cc-4005-7030-9b6d-b839bd8e14e7', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '토요일에는 몇 시에 문을 여나요?', NULL, 4, NULL, NULL, 0, 1795863363589, 1795863363621, NULL),
	('01a221cc-4036-7105-b603-bebedab4c171', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', 'შაბათს რომელ საათზე იხსნება მაღაზია?', NULL, 5, NULL, NULL, 0, 1795863363638, 1795863363690, NULL),
	('01a221cc-4085-72a1-a008-2a443036b114', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-34d3-736d-b781-b6746315f6e8', 'Շաբաթ օրը ժամը քանիսի՞ն եք բացվում:', NULL, 4, NULL, NULL, 0, 1795863363717, 1795863363757, NULL),
	('01a221cc-40c0-70c9-b583-2b63779d590e', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', 'ቅዳሜ ስንት ሰዓት ትከፍታላችሁ?', NULL, 4, NULL, NULL, 0, 1795863363776, 1795863363793, NULL),
	('01a221cc-40fe-72a5-a71b-3c8c354df53f', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', 'Is the shop open? 🚲🤔🕘', NULL, 4, NULL, NULL, 0, 1795863363838, 1795863363872, NULL),
	('01a221cc-4192-7186-998e-0c335a0fc4e0', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', NULL, 'When are you open on Saturdays?', 'gAAAAABrCrNDakgRCZeol-NhNwrLac1QmjX5GCRUw_zZAvtVmE1PTlcFO9YbwnIRrETcP5mklUJ-BU7aH2YOp-B6AFWNq-Vpxt2FL573DcLFWy0Q2sR84dQ=', 2, NULL, NULL, 0, 1795863363986, 1795863363986, '01a221cc-4185-7225-8b40-184138fceea0'),
	('01a221cc-41e1-7359-8987-29d6aa60d8da', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', NULL, 'Wann haben Sie samstags geöffnet?', 'gAAAAABrCrNErjPvNybA0edLKjWritUjf0AxR-WXG8wZ_EqkSB_2JZo5SuZ8UPXY3JkrAm9aA_2ni-yIEuOcKYKRRuE4oOD1ES-gDF61K-gXanp_tWykioM=', 2, NULL, NULL, 0, 1795863364065, 1795863364065, '01a221cc-41dd-73d5-bc81-018238457547'),
	('01a221cc-4231-73ab-9a44-d00f822a95df', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', NULL, 'À quelle heure ouvrez-vous le samedi ?', 'gAAAAABrCrNELD7dqm7bqBGDk1I6jyidxYa5XTXJ7oJ00pyDTPT_sdv9ML-2D5qEq3npAcvQrEoGJWjIJ3fS6eG4VO_QWBglHm0l83w1gCutWM-Yx68o2JI=', 2, NULL, NULL, 0, 1795863364145, 1795863364145, '01a221cc-4220-7243-8926-52f021449421'),
	('01a221cc-4289-722f-b19e-519271b46e7f', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', NULL, 'Thứ bảy cửa hàng mở cửa lúc mấy giờ?', 'gAAAAABrCrNEJ-vpftvN73HUCQlsKyzz64mIJFf5MGU0tsOTSfTW5D7WF7hk-d_PJj69-SDOwDMEBRI6ivycVqsOMTlxWGmZup7GJOL1--wQPOPqxvmNuls=', 2, NULL, NULL, 0, 1795863364233, 1795863364233, '01a221cc-427f-7397-a7dd-cd64889056dc'),
	('01a221cc-42ca-7266-a19c-15da54bcc3e9', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', NULL, 'Cumartesi günleri kaçta açıyorsunuz?', 'gAAAAABrCrNE50dwj17fGpf4TynBI5JvxAkEA-vYgM7iE2X4CSwtP-QzivAtEnD5C8wAXrFxuI3kYoOTRDl8VB6Ey3gvTETD343X1g1RRgHXxdLLCatoFwc=', 2, NULL, NULL, 0, 1795863364298, 1795863364298, '01a221cc-42c7-7091-834e-25a3c164d65a'),
	('01a221cc-42f9-73cc-869f-50573f89f19e', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', NULL, 'Во сколько вы открываетесь в субботу?', 'gAAAAABrCrNEgXfzzyYEetzcIayaEejZ8h_qqBH0k7eWV4IWbX44GaiYOQUbzilfX5JD4mff8fEUMPZL8xFBhNtRHcbtGZNzBwOsL7Tc827B1BMV6i75n7U=', 2, NULL, NULL, 0, 1795863364345, 1795863364345, '01a221cc-42f3-73f0-acab-34f3ae89b61c'),
	('01a221cc-4365-71b3-afe4-8293d1b563bb', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', NULL, '你们星期六几点开门？', NULL, 2, NULL, NULL, 0, 1795863364453, 1795863364453, '01a221cc-4361-702e-8404-fad3413dee8c');


--
-- Data for Name: credits; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.credits VALUES
	('01a221cc-37a4-737a-bd1b-7449945ab626', 0, 0, 0),
	('01a221cc-34d3-736d-b781-b6746315f6e8', 7000000, 682, 5000000),
	('01a221cc-361c-71a4-8d9a-eab721f33e28', 4999538, 682, 5000000),
	('01a221cc-3390-72c4-93a9-7f8834f27788', 49998534, 682, 50000000);


--
-- Data for Name: daily_usage; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.daily_usage VALUES
	('01a221cc-34d3-736d-b781-b6746315f6e8', 20785, 14, 0, 7, 0),
	('01a221cc-361c-71a4-8d9a-eab721f33e28', 20785, 14, 0, 7, 0),
	('01a221cc-3390-72c4-93a9-7f8834f27788', 20785, 33, 1, 15, 1);


--
-- Data for Name: deleted_users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.deleted_users VALUES
	('01a221cc-37a4-737a-bd1b-7449945ab626', 'operator:01a221cc-31c9-7010-b588-4f9392bfb9ed', 'asked for it', 1795863362300, 0, NULL, NULL);


--
-- Data for Name: end_users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.end_users VALUES
	('01a221cc-4185-7225-8b40-184138fceea0', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', 'customer-0', 'gAAAAABrCrNDIe4oWJPdcddgB6CJDETSsegb11mnE1m8xgJz3FW2sguXHV8Hx0zppZYE3ju6yNfjvPZOOyRZn9cbVjNTstraWQGiFVpFYHqY97TPf0n8-GiSFZgdRfvy7Tt3RB_vrlGnHTElJOLc4PguMmW0KgR-9jSFwP-ZkAlsm-kHX4QHlZU=', 1795863363973, 1795863363973),
	('01a221cc-41dd-73d5-bc81-018238457547', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', 'customer-1', 'gAAAAABrCrNEfGJWdJ_aFiDzIc8Gj9TaciQc8SiL9DcBq31zbBczWtOrDjATeGraBav2qGKHkec7WVrO0rJrwXQJbjS_ki8Nx4Uai85xoB-qktkYDNKhjpaHm9FObKDm2kXyjtxqRCA9moV_g_dIULjV28WSpvKmXrO9_wgIJbCTNHM20A5DTRQ=', 1795863364061, 1795863364061),
	('01a221cc-4220-7243-8926-52f021449421', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', 'customer-2', 'gAAAAABrCrNEK6FKkGTkDYdODhBvlYjjHRnLcVgtPGHpse8-v1ncNVDej-9peUcvsqhH-gTl7JVcVSuP5JzgZra2cGtQF0z09uJ5jZqCoyE_F_xca57vkwOxdxUyXEi0GrhOtjgWOQq5M0MIzBvgnANv7aix_zMwFLCG8fhi8g2-nonvh38oNr0=', 1795863364128, 1795863364128),
	('01a221cc-427f-7397-a7dd-cd64889056dc', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', 'customer-3', 'gAAAAABrCrNE_dRCt8RRxNNbgI6J6nMPHo6mbyTQDaT2xWIA008dACw1PcJhuFFIHggijCmP99ieSIgosbGa18ralrP5VPbzzKRrpHFtVAZT9qi3xQERGTHb28XMhLfLAI_x3NApzsABnheX-miXIayegBEvfD-tR8mTDz-jJZpvqwR2Frn9KQY=', 1795863364223, 1795863364223),
	('01a221cc-42c7-7091-834e-25a3c164d65a', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', 'customer-4', 'gAAAAABrCrNE1f5ojl0hFoFix6o6w65ZLBapoSGWExQ9LFtw4u5KX2amtJFBVdoO9dhGvDkyLPl7iqivcdOCsWxYb5GIKzsH0e18PkZmMs5dR8YYZLSzULikJYjvyWoAg_TUdH3CJoHU-YQkyC94jxnPEgv9a9DmsoYmshTXBqa8DT4bW4RQ6dU=', 1795863364295, 1795863364295),
	('01a221cc-42f3-73f0-acab-34f3ae89b61c', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', 'customer-5', 'gAAAAABrCrNEU4_0fGlXB5WturaP2xKKGD2Cl9wbSeFnPX27Hd_wopSLUvHjWNkSLZthFtOaovPNT2DBiLb5m4hRoGdgbV6dMXN6HZc-7ywh8urEpTk5TWPg1UG7Awxn4BmZt-IqQ45ZvbNOvwaV4qVgEG0PqZBzhPVP1d_VPPFH7YRRkF8JP-BLOjE6aPRamKRKVbA9QhrH', 1795863364339, 1795863364339),
	('01a221cc-4361-702e-8404-fad3413dee8c', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', 'visitor-01a221cc-4360-71b3-839a-3576119d65f6', 'gAAAAABrCrNEZXmpwIZjm64Pl8B-85YnMQleVW_Gqvvrfky1vD5_ZjGwmRGSUy8RS9Sy0M8lWuIagpsyRKE0dAeI5V0XAGYuug==', 1795863364449, 1795863364449);


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: ip_rules; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.ip_rules VALUES
	('01a221cc-3a7f-73a7-81c4-8dd3dfa4ca08', '203.0.113.0/24', 'deny', '垃圾邮件', '01a221cc-31c9-7010-b588-4f9392bfb9ed', 1795863362175);


--
-- Data for Name: jobs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.jobs VALUES
	('01a221cc-30ba-73d4-b485-8ea27fdb4102', 'audit.seal', 'recurring:audit.seal', NULL, 'queued', 0, 1795863369687, NULL, NULL, NULL, 1795863359674, 1795863359687),
	('01a221cc-30bf-70aa-a606-d541d1e43322', 'deleted_users.purge', 'recurring:deleted_users.purge', NULL, 'queued', 0, 1795866959699, NULL, NULL, NULL, 1795863359679, 1795863359699),
	('01a221cc-30c0-704b-a8de-e64a895a2d9a', 'message_logs.purge', 'recurring:message_logs.purge', NULL, 'queued', 0, 1795866959756, NULL, NULL, NULL, 1795863359680, 1795863359756),
	('01a221cc-30bf-70ab-86fc-70daa5dc2428', 'expired.purge', 'recurring:expired.purge', NULL, 'queued', 0, 1795863659761, NULL, NULL, NULL, 1795863359679, 1795863359761),
	('01a221cc-30c0-704c-9177-e865ba384a90', 'reservations.release', 'recurring:reservations.release', NULL, 'queued', 0, 1795863419759, NULL, NULL, NULL, 1795863359680, 1795863359759),
	('01a221cc-30c0-704d-9e6b-e4cd2ae23ff7', 'turns.close', 'recurring:turns.close', NULL, 'queued', 0, 1795863389800, NULL, NULL, NULL, 1795863359680, 1795863359800);


--
-- Data for Name: known_addresses; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.known_addresses VALUES
	('01a221cc-31c9-7010-b588-4f9392bfb9ed', '\x77fdad070ebddb43acdbb05bdcb744fe71a743638e1c97feb7f58d54ef0d1b7b', 1795863360097),
	('01a221cc-37a4-737a-bd1b-7449945ab626', '\x77fdad070ebddb43acdbb05bdcb744fe71a743638e1c97feb7f58d54ef0d1b7b', 1795863361647),
	('01a221cc-3390-72c4-93a9-7f8834f27788', '\x77fdad070ebddb43acdbb05bdcb744fe71a743638e1c97feb7f58d54ef0d1b7b', 1795863364590),
	('01a221cc-34d3-736d-b781-b6746315f6e8', '\x77fdad070ebddb43acdbb05bdcb744fe71a743638e1c97feb7f58d54ef0d1b7b', 1795863364972),
	('01a221cc-361c-71a4-8d9a-eab721f33e28', '\x77fdad070ebddb43acdbb05bdcb744fe71a743638e1c97feb7f58d54ef0d1b7b', 1795863365354);


--
-- Data for Name: members; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.members VALUES
	('01a221cc-3398-7240-9b5b-c51b65f9b8dc', '01a221cc-3390-72c4-93a9-7f8834f27788', 'owner', 1795863360400, 1795863360400),
	('01a221cc-34d6-7066-b510-9f117ff009f6', '01a221cc-34d3-736d-b781-b6746315f6e8', 'owner', 1795863360723, 1795863360723),
	('01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-361c-71a4-8d9a-eab721f33e28', 'owner', 1795863361052, 1795863361052),
	('01a221cc-37a8-711d-9660-125736f6c8bb', '01a221cc-37a4-737a-bd1b-7449945ab626', 'owner', 1795863361444, 1795863361444),
	('01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3390-72c4-93a9-7f8834f27788', 'owner', 1795863361746, 1795863361746),
	('01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-361c-71a4-8d9a-eab721f33e28', 'viewer', 1795863361771, NULL),
	('01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-34d3-736d-b781-b6746315f6e8', 'editor', 1795863361754, 1795863361784),
	('01a221cc-3903-70f3-84f3-2490db1db82d', '01a221cc-34d3-736d-b781-b6746315f6e8', 'owner', 1795863361795, 1795863361795),
	('01a221cc-3903-70f3-84f3-2490db1db82d', '01a221cc-3390-72c4-93a9-7f8834f27788', 'owner', 1795863361829, NULL);


--
-- Data for Name: message_logs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.message_logs VALUES
	('01a221cc-3b13-71cf-b623-a8afd68d0490', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3b13-71d1-81b9-82cfd362fb6a', '01a221cc-3b13-71cf-b623-a8afd68d0490', '01a221cc-3b0b-7185-ab96-b85d83983689', 'openai', 'scripted', 7, 2, 38, 3, 3, 'complete', NULL, 'gAAAAABrCrNCCgH_6jcudHeXILc37J1j6tKiRWJk1Qqs3kB7CW6MWE_jx6iF_cQR-tqF0KKnNueGM_3bqKgrrmKOc7uTaRI8vVoXTb9lLUhPZxD6QhSkuHRt0UU7WSSk-sUEwLUtggwDXjGo-Kn3q1FHPW9uqIwbgqg1jnwt2zD-wXTLHdx9sl6RNIlhJNCtFSfcF3smrwO_biBbFcap7OL9h1LkJVw57ZawvCPT4mLFPfnMEkkU53q_alF5eo6U4IRp80EUWk_flrqAzwgnTKMHEMYfwRm3nX-QJ4LVTGndcxkQAptpHzIcD_9Ar4wxHIMXBNUl3Ic1S4M0WaoTvIE7odxwOUIoTSOPrsfw2Sv6pXjK_typCjVMhlCnt0nulumfqEbGKBjFkeJjJjl7nlpznla1H1_kwuDTPdrQ3SveUUJTkpkSw46DJ0ZwMrC4vDvYONXL69Quh4W89hUcCJesdw5O3S-ZcqXN-b1Xe773NzlKVklKkdf9wSzP3EaFhSDjSggGibdysTeN-Tk087FUa9dXEfUQ1JtfwM-nCEuqCMbXD7u0pfBjttoWpICDeDAr0hUsJ_vhBJOuNkHsr-EcpBL1ixov3UVf1FcU5O-JYrFwo9Mk4R4=', 1795863362348),
	('01a221cc-3b49-71f2-99bb-a90a35f2cd3c', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3b13-71d1-81b9-82cfd362fb6a', '01a221cc-3b49-71f2-99bb-a90a35f2cd3c', '01a221cc-3b43-70be-8c89-618cc33e3411', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNCnYHNzKHZNWvM_DWG6g6tLbJzBjQGoISWrCglI3lGeKxp-E31wkqB3PL8s1aY8e2sMjo5PX86ACFa_accikheKThMNus3RvHrLVEmsRaJ8Oloiu-_j_gRyVaHzk4JwACmMuoQu4lgrKFlxdyzeNJRs4VdOxf_N6nYPjCDA1k_KqYIsJ56-Y8KzMbRWXwS7zc_Daajdimmh1rgKIrjgLBP0fOlzj4W2ha9NGKIie2pZwYgbFxUhsR3n1he3Drk50LW1hIUoQLmodqZQPRtAVUWDhaJXyhI19Ew8H9rejHjfnEjUjgPBJaloMafpDqXvSLjKR2oIIzWkhWP11SXcjd0TJHAsjp5eEDDGIkIR3g3impKny21aUCUeYYRBQq7efV9fuaMibBVSmtXke7QiFulAlMvjMvPvBXyQ66M2Kggq2l6qS4Dqp6IfGYKr0bMcdpbaQVBs8vPXTYfjqA6mYleyrM-BJ9W9EVJs-H90Zoxxa6DEN9mQwsuxgdIAR5XXBm4x2Y9pTnWyv6iOkzXEVhmaUKJHovI6dlkY7wHQiWksYav0iOrMdmexZ8NcFq913Dq9yOvc1kRw0rZbkTGpXBVuAdtUz2hIWirHplZMzXY_70=', 1795863362385),
	('01a221cc-3b7e-70f6-ace1-e6f34f675ffd', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3b13-71d1-81b9-82cfd362fb6a', '01a221cc-3b7e-70f6-ace1-e6f34f675ffd', '01a221cc-3b7a-707e-9412-8d0a6de8351d', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNCF63N1vsZ69ZqfkSvySWAL-vLMiAmhn5x01H-NM0aMiQaEASAwz84rQqxWylyJTGlmZDZS5DM1sYBifmqOrDRLZEWp8d97vSWSkW6MkCek0ogatg9xunl9L1s90CH1kMhBuFrevHol55zb3HaslfeCVHiWs91MZ2kyhYdRC1DwTchWUwSgXGg74kvx-qbosS7kBrSp4akQp86w0z5H_RfEYER3-PxDhEGDzTaaJuKPAU8aK72kDEHsbvHc6OdgPIrnAK7nPhVYzgfXQybkWjklTes74_YdBROX2kpsunnJV4gwQRJGs-72iEgFnrp0M0ccCyNcL0xzCh6Oy_tJSJ7SJ0cgrGx5J5NSkhDk9HS1YEgW2cJ-IoLl2Mg4Y2fuN5Sdj1G7oi-0ndzx6fZRkSib5Ax_xMHDhAJdfIHe7XqGeEzDD171en9n3tA623LH3Cllo8WAwyfYslk8hbFEQ_ss10CfJaF5gsktviKWEFApEFu9A4gXlWQFcFRQFBU2EEOPCUHmXgNDS9iP6svDifF-NPu2JC3XmbrO1ZCZf9GUGx6wDvXcBsJRy4tKVBzUBbfZAq0AKB9SFWG8Wf8pXEeJJS0wAxvKt1KtzucNT9ALm8=', 1795863362436),
	('01a221cc-3b9c-71cf-a059-092e7a4c96f6', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3b9c-71d1-86a6-0a6c46725622', '01a221cc-3b9c-71cf-a059-092e7a4c96f6', '01a221cc-3b92-7258-bf52-66b6a59ff9a5', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrNC03TvpCiBBPg-AeyJWKg8TOgHEjfrDVk61YAV3q50eJkW66arFLeGvqv0dXU7wNZ5BnvfzFLVjNpEkv2Hd39Q_vIWZmHbDXH5UTsas_-s7nOcuN3CGCZ93jq56usIt2MkRc7f3b3g-ESlB1dPw8kEU0Qwvd8E-fI3qR74rCyBV2tTcvXPyA8Fk4lo6ev6mI1JNCsEhZla0mjfLOFJOzwJUdsH3Yc0W1zifPwJ9yWWj_yhY6IYAtc_X4sEdSX1CsfA7M5iVh_mlY1zeFi_gjuLXN5ZfFh-d7XuOL6FNKoEcxuPsYOB0YClDqj4NejJdsX-79X9FX57hbgRH40sEH69i_QBZpAYBcm_zGUcO3Y9Za7rZ1quU27yeOO63JMGY8nEXDAEU-1ThoH4gic3SLnOyoLVO_ylLxlIWyS2ne_lyNrI21lu8GJ-deBWnmxL8MWLLQo1jh14VKvJT5YhqqwcNLTC3is6vseU702gNXn4pWNLV4t7KE3sQ8wWrmUUeJelkRscRMaS-pL17pPWEqhhw5n0tkhRwjYS7kCwjSTLXKRILywlNXZoH26HSZDo7rA4qCgA0CgqPDejK25BCK9GFWTnOwXp9e56S1LVXEUIOj0m0kC0XHm3M7FfCOcmpYZ8SdIX4U0PfbqM-Mr1XjiY8UbUxj2LTdEu66JP8yOyBaYNKMyqyIMmee6tUBRm_usC', 1795863362472),
	('01a221cc-3bbf-7312-8d21-c323f76bbb69', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3b9c-71d1-86a6-0a6c46725622', '01a221cc-3bbf-7312-8d21-c323f76bbb69', '01a221cc-3bb7-70f5-a39d-c170554207cf', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNCAiUhci8qknprh5DXOADcCJQ8QVRsSRacGSgW8XyyTmdirdc6FpxXArqYCXxxXMFirhxh3LDqgDn45X9I6F9RYb4qxo2BALe-luYgINplurAZNNAFSa1-Q7ebN1ivlF8V4lPwlHKocrvsD8AhW7_DZL2FrQRNm_GMmKllUBrxIU4gRsPR5kM0piIfZuILBxPUmqJ44nrUiMurqnzuwKCZBycY7YMBXNen7KVkkItWPRavStTo7I07BJolfRw4k90ZKRCrsK8B1MLc9ZMasvPuKw3TuU6t3-VeHvROPDAm7fuJdpfbwiyUXkkfscer2KR8ud0ps-__MjxmNvT7y2kbrNL8H2qPGyozatY2zfkCMaYMVL9iF5jU9xsT0qu-is72CvmmJuUzfyRxHH9BmDXa0eHBe9WEvq1S_9e2BxTQPzt9tKfdozmt4M0_iMSoDO_j5MvyMTbGuCBUgFwlgqMt9TgbIeqI83hRuXauoKFDSi-er_-WWfRDxxRoFcKl9oxvdKXndMbVwJrTCGJaD2en6lTmgpm9VGgx9FsNIMmcQuMq_pBiCpIryZNXI7UiQQ_HvudBsIbKCQ_o6pUyc_peOIyC4GwkDmwJv1enMwm03b73HmMHoCnOzLn6tq12D6wf8a2qC0J0UDC9wbOlnrTmJAw0h74F_y63jiRHDNbEYGHvZb6kTSru2as1mxWEn2kN', 1795863362508),
	('01a221cc-3bdd-7292-a6d4-b8dedcfb1936', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-3bdd-7294-91ec-3c2cfcf9f4fa', '01a221cc-3bdd-7292-a6d4-b8dedcfb1936', '01a221cc-3bd5-72df-ba85-0fe96142299e', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrNCCdCcC3VPTn-51I5LfBxyYG3Fg4QDqqfk48_QSazyDmJG-kF2yNKmFJ7tkxwJKFz6t725oqIECYsJeemORqwYoUmfArOj88wsRWQfWgMAis8qK7UOEguOpCz4Je0Bm4KQe3vHZ0pbB3PtBMOqIdeKcM0lUHBSVMwW8HZe1XYh3C0PhdOrgP0Kqq_-mOQM-vB_hciglTXYaBiJy2J6wH-qwd9NBMt3rU6NvgKy9Xr4XMWHXE5HwhkNOu1qzK-f9Xlxvl1CIgXTpK6yVksO7cenwlbtkTjZMGliV8L86XryKI2qWdSTqbR2caD2ovCpEH0Yxb8QOTFrqbJAFjpfs2A-dQ2XMH8i9dI_rFy8MBRmxrgjqFbWAiCYsdgvWH-_BAa9m3OOXeocPXH5c9OqIVAtpxmgJA-dQw4JSsJngKp0Cx2BLmcCp8OcVFxC8rK_lOeAOIVYJCglVV0dyFMTdq674Zc02iYqektVoR34uJK6TXTvQ2Mi670X8U8dHkarY5SHThGBH50kpjoG3Fp63Pg8wKyz_Rz_mQVAjbpeh1KthR5cgQaC_pVOD2xGxdzi0uRBBGBbkR4m4Cq2yjg2Gyjh8fA8QsB7tM0alyjOR3E_qz0VXkfE6QbCNUdRTRuiwqc94bZ9ylT2JZaWJzNynM6J2pYto053hrrpwegj-4HGiXI=', 1795863362540),
	('01a221cc-3c09-715c-870c-5751b4dd3cb9', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-3bdd-7294-91ec-3c2cfcf9f4fa', '01a221cc-3c09-715c-870c-5751b4dd3cb9', '01a221cc-3bff-7372-97b3-43c6dc786f26', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNCWVqpd5uqgdgWZ7bsLtOMfhjCq__GeIwuF3zvFMySx1ZN7yBYeTHd0sz4UMxI4LK4wCMR4TnIO8eBUC-QiDJ2EG3Cay3pXSAdDYz1FWIzmi8e5vx7PDKEq1Y-B-pp2Iah44hzETlbkYpJEgywQ1Pv8aMUvM1a2eCAKblwupkQn803Akm_N5lHhOEx1hV_T00nFhuddbIPbomSyKeQzRgkGc6e4OQXZBRU20mgH1XuV0K3TpvVHBMdOoqF78RoslHeSNPSbuR448FmzAviCxj5qh9VGsdQaBCKfnbQXWPcUVn01hHIzKV5AcWnUn_t8JpqxZPKBpu599rcj-m5J2Ajzskvn4_TgwxMqLjyEC_NEJ-iDTVkma4PNcDtC54TUNpp-qp0Mwfuh3aEXVq2TIqy-HfFxCTdTpeZlmlgRfSji3YdQT77MdIiY7E5mi3cSNp1WZq7_bK84XaR0QSMG34sYCfCWEW6Tdd9DtHGAg2SGXi4uh5SrWimGSgZ9Id_CKnuw4TH8-zmtlq1prBaqgKrWFs-FX7UjYSS6HUsXCLVeoWPP229RUqmHYwJjGDl85YGZaShPbQNnH89ZmqesbqYfXw8GFIpfJJ4Vf12M_dBL6FvtDaaznQjO7juQ_SAR9URQdXcXaRVxgImoYg4Ao0umHAltcFeAgRn1Z_hENntYQk=', 1795863362576),
	('01a221cc-3c1d-7208-bc34-8038e1b9034d', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3c1d-720a-a068-9889dbceada8', '01a221cc-3c1d-7208-bc34-8038e1b9034d', '01a221cc-3c1a-7310-80bc-64534521a26b', 'openai', 'scripted', 7, 2, 38, 5, 5, 'complete', NULL, 'gAAAAABrCrNCgFCAjk1_O7eMOozRJjmK-k2npNcEeqLE0_l26w4YG8xfJKnI27AszCfRtVFJuzIT_9lW2oFd4ajTWOPPls2TPcV8GZEdtGy_wWgw4dLD3bz5QxRV7xulTNnBwTjmvbEpf4y2g_L3kwZxrVZCzOGGxC0Oaybkv8siqlOoKRndvknjcgmJ3ofB_Y5s3vCRUV_Bo4XDztQEsivdu7ADegFrp3KMxLKu2FVWIXjOMBOje7QFv-Jv2mdlGztzzOciFPXSv2_wi9EGGAy35J31ZbHRCa-lvqtlk0nmW57_IEewRVVeVfV-HJawdM4k9-sFeZx7xOAcGECL4CvY0EPkftYpiZGSqS_cwdhyBDELgpoC5kq_miXz-y3FsjVSQTMMhB29eq8npk6kLoSs-y5VShX0ngH60DCs21QhB4ohFMq24VIL-ujo2i9mJVlayHiXV-0DC5bP3mwm9ZoMEM1u8XAstxYq8WH8n3NPE7kj6UgHysAC_eEofCZvsONbVms8Zp4Etxbb4YT1moMS-pPUgQ2aIQ7zL8rFS94VOvSpI7dF-iWv5xVxtSq68IBAv6qoc4hqTXCOOfeeu3wpq3bNZvL_LbwL01_jfUkCkQDqq0GQ6HZsk6G4jIOriK186Uc_gqXeg6vlkIzgRChabm1ODDgNFJPq4D1x9x9uzcs7oEZapwgRFeHe6xS_cqSKlkfrG7BIOQzwVZ_g7QGUIYWP1ziBPh6di4yZREXqZYJVQQs687nPGroNPAdtE79aLwtc8rUPyevbrmwBZDzH5ZFVp16heA==', 1795863362596),
	('01a221cc-3d4e-70f7-b3b0-803d1a64bf89', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3d4e-70f9-82e8-63837966a58a', '01a221cc-3d4e-70f7-b3b0-803d1a64bf89', '01a221cc-3d4b-73a2-b172-b080075125d0', 'openai', 'scripted', 7, 2, 38, 2, 2, 'complete', NULL, 'gAAAAABrCrNCDBt7VuWemGE-uoAzwOIspQDzUuxaaT2wAgmiX-F6L44gfuXgyAE3g-3EjSyD716auw7hBzstVUjWakDRo2zPtnT-Y3NmIU4jIXtIVF9N2lkC2wClApndefJpcJ5PNz0QjHdqpBBMQSzB-JzzF2BM2e0eNcMTFcmmrvoYT7-uE10JMhmOaEl07G5M8MLYJHSs3_0J4UcqmUA4CQYR2Y-oEQNORTtUJCWCKyCvs2oNO7azpWMjw6rBJUkwQrqeR8m81b1DN_SccIO_4RBbPYy4V0HNjCjiA6IznaYOrNYpIWjNYffDM4AHlWsAISg7DoL4rhzoiiN-1afyu68MrzHKwVjwzpcO3TWlSpwRwJL6UJtb0jhl99IWGZ09llXaRTiM-e11kqJX-GmUAWGAg3fhlB0t77Aw8cPqeV3z5urkJbvgBB_goN3FLpJJAUMpH4Pe16qrxBsnuvc7LfXhqfT6_0jc_TQtZDkwS_bGK3zCAEQnmfq9lgnSDMuZ3mPfSG7qBIjdHovMKXaDSc1n1cjfbPoHYe8pFHNsW4TtIa6XmF70EUNK0SJcnxRnqQRLQNFdMk-7oTTUn67xOdomT62uok5J2pPgb2eGg7uQhDgH5e3DjXurC3oriXfgX4F8bLR95Ajg1Kf4HOfS9Hbu8N2gfqKBRhHPxKnbf6CpyeIhbUe3iFw380zctCClmqt6t_yMgmZneLUWcMH0FaKraVP7HpTnJGoTs2jp1MR5lZSiVXP2Yti83Pntvuc9eKkZfU6DHyUIkPPI_dO07krbWD-4DSDL00mlOr2ySnZV5ii8pi86rL0Ps3zr3LLOgK6qTXZbC4XdhdjZPYM4vxIUM65OgoJx53OMDG7JH79gY6A-LgscqlqGUZ06P8YrEfeb0zqZ', 1795863362904),
	('01a221cc-3efe-72cf-a8dc-7f3cb3824d71', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3eb2-7343-b310-4e785b8162f7', '01a221cc-3efe-72cf-a8dc-7f3cb3824d71', '01a221cc-3efa-724b-839c-1ac68f97a082', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNDgelxViVFAMTAiMSP03-6-_xueYh_Me71UqQn6E-_ieb3hhkWRSfHMuzcjOQdw7JHDzBp1V7W7FSvj6rduAcOByv-7AMnNiIPJ7u9yXl67ARhpp_1NxiMUgVR7JpNGGUrWdQf3wBrKRUdejYd3N96gqco1wdDRuexyHVnaS_W4BQzfcxSbtC_LXNsqLRMp3aZPZPxJ-wMz4jBnGNmIYdKhJVt3RUwOdNGnAnuHmsQ9BpdDSNI045K23-F2t8WvQTzuG_C9O0xNTtm9JeBEohnrCBO-EvrfQu0Vw2RVxIPi_UXgvC5dZSjTTz0wBe7h8T7nHzldsO8F1fFCOmuu3-PsN6tHfDO4H1EdCE4ASX7EgbANKRiaPqjaR0tRe1qAWTO5ys0DebkKLN4LTq11zLRuzLc3ssjvLGmxSHcoXzakK_xyJRh6bBF3JRjpIUTsccSqSHbnBeBXkphhb37lh2LWJqcLD-0LkdMGD3P2SYsxUuwEuFl239A5uMnrbmJPHsvsY9ETYRfoySi2jU0OaKymWfXiXO2LelFQHerfxAbCqXwlIx6_qu3tufmydG2HvdeJaHXWbV29fqCYyHMnEZ40oJ2yDtoQnrjcHUHNjFBlh88cP8KDzhQt-u3UwS4qy8IMunqJ0y9pDnsN8i10SnhhXzSwYqPRsPdQ5_kUgEm98poWcGx87B8AsU7CvyT3qAKfnntyxumyOtHGtjdTh2eAmXPRTLaugk52TvZ7H0y_UbE-GIJuP3mKScXPCrsuobakkYXfhuXyHGpt_hm2VEy-ofEAI22dVC2NwHaLN6QnvhtUAyM0nEOcq1uxkae4PcakihFnogd-Jv329izGQUxjDFVkirJN8kk4PVEHPG7_fEiiciAWTfqOiJS2ZnaYWPsJhAWqsnUjUjTkbpiRANSlHOpItJ5m7YGtOB88y9ZJNRkPqChy5aU8D4UGlU0wpEi3HIOdAobT-qj_dEKIMs2v1ybbDarobn4Ep7jFrEtWQUkPLM-BbgV3YygT-mt1YdiSog36y4wgtdqNpYxLaJWYZfYy91GiJp1stWraGmzaY010sGF1DlxBD1geKXxSnSLxFFwIVKG0tByAs90fXyO1svNwo_QzVm2xKM9V7q3G6iZuCB3UOjr3E20ZYpNifg2qvkAnMfnY1wBIhj9-D0tci0ZHuxpk7brGetNDL6o5ZQ_lq6aA05Yug9BEc4LFjmZXwThXTe8B2WoFdpeN-RqprZvzd02DRlUVkkba-gfYrvYKW8aveaaqJH3fOJ9Q9bvTVXvBlemtaxKwCng1F3bVBmvQJ0lQaN1vbuR-pRp8SkSP2ivzFTKowX7s6PvHIHFyHSP_Kgbu7EO-a7qctf0LKrf5chM8c9aLpeb_W0sUR_Zx0x7jqGVXKA6D71J8BvD0AFWoV5EUNbCWLLm6uHzxaLdtjufNcifhdO7PMRM8VTwHGJkK5CYvr-jxBVgo-GoZ0zsLGO3fCz4_cwtR02Sf7U7xIiF4EWSW2i9RlRILOB4Uy3KzrpYsOJh3Rzp_P7c7m_sqgeWxXQyzUOi5T0eiUQmp6lWZKXYnLzoAAycL_crInabA25ZxwNSRi2eVlfSkj8XvY8CpzYm3K1mGjzP2LJftfJ4pX6GpYOdAR7GXRd1C5qBONQutzq4c58bYsaw', 1795863363344),
	('01a221cc-3f74-738c-b407-017aa7fb410c', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3f75-70c9-b139-1bf45ef0f948', '01a221cc-3f74-738c-b407-017aa7fb410c', '01a221cc-3f72-72ba-afe0-fbf8755a227e', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrNDnThGqi_iibDdlYKLpxU_QgsRlfi3hrvyDLkRDqNgiCcfwbY996rUBdFmcL3UFyOCI7RJyusfMYryXDP7fwjDN6rFW7HudemDul6yf3d6X6bY9nPucMahbK7FixsXJ72iDhZzOrxqz8WyiVhn3f_wy_bTSt0bKKWkVSnd16B5NaGn--64kWCDtt2ZWKSV-sI98YhOCIyszCY4LBIKB1EJkmAmTMMJdQ-t5ba-pnZKKh5d6KTUnSJ-JC-pz8nJTliE3vMARc5Odin5K1YNRBqsDCWdx_LrI0vz8ZkmJs1fxtnxMg_L_7-P1NUY5Q_o7vpXz4oMlSXzKK2hw5a6piS2tl47oSfo-u1JkuR0iBgbNqCWNRn9KfOkKz1AT0KfSq9Pj2TAJSGnakGFaxPF-ZoYl5IWCNO06Hbt5KsnM3dg-aVmFiP2aI6slfIgomT73orlHQr_PZ60HZeduFZA6kBqeWrb_ftHOT3bdMJUd8gfpr1vazRI4dy_OGQioXJRT00vMx6PEJE2Enbaqw2ie0IPs9_yRufPzzpYZ5VBPs1sLbAtC1lZz_MqjJtIM6Yng4hCCNssZ4TkW3vlRUXJ8b4xz5-hKs8eaF5Eb-pVlhndwZRojTXUaK5RMJmJtmKpixb0', 1795863363457),
	('01a221cc-4085-729f-848a-6e18d9a17696', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-4085-72a1-a008-2a443036b114', '01a221cc-4085-729f-848a-6e18d9a17696', '01a221cc-407f-7119-80fb-a361ac756624', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrNDb4BV0ctmbraDN3pLhTv4Tnv9JNjRn4L3vIFZvuT7ioGfuJnO0Pu7yXaVPx-5eeDfkIeqr8i3v1EcKmDCSv3XgWNJgJ_egCy0K2w49toPoufr2_XSfbbFrNLO4XCkf79aq0npeY0TK46SaGA9Ms4NjE_7L1f22pckv0pWB3QZUJVyFe4BApwpPwCE1K6tkhU_6lX1tGHMUDiMTGAKtcvHwyIRI-Ck-TXOt88-FFwaNC_PqrxczjNgMmb6ZsiEqaxCF_bbzYokZSJN3wkJ5JmXn2sJ65wCArBsnAEKC7BrFn9ihHfmoi4O4oQ_ERcXVN31OxoChxxJTM0gLdD11BsznHhZVOvGfanTy_4Q8yR-w4Hpc0TggjzBpYJFkDXsHupG11QBlFN0IunC4VqkBT3Um7nhtJsd23Ot7KtAiDy9rlWBL_lG3mavGhe5gumApcLQFftdAUJ4TXWbq80CgXTE_z5RwT6SAPrRKR6uuqv7qB2mXLaaBmfqOUgfWzxEq93gzzBT9X9aTXvM0-fezwLGfUkv-p_7qgW1dZ_tnrs5D5cR1v4EJhHIkB6C9JwitJHdIWQSLBbC__Kv2n89802NTP8xRZQ8Z6nER5kncmCsbmieDYEAHBYvroDgloFpVQriRTve1zRkbTultfTeEuN8xjdmDlGMN5N-oNmKQUC9peNFhwAiH5yl7F9ARS3CO_7LFywKSWJK5uQMrcBPx4YqGTd3o7u2gFOwMQxhVS9BWgCuB2XkyeZZsWUO1-nnK-B0b7LoROwPpXt8jodGA58uTstkurXCFdOh2FRshNt5eIti_npR8WN1lVj4zN5TCTWjGpbYrCc859Id7a1j3hXy3L3fMJBGHH3F-X1BLzNQDjg_Fa_ZKmVH0uhSnUdKKEusj-hDk3hJfYko-YOLY6tZBcggIhjArGn74qdqmaW0yvwbUiHcIR39lpLqUsBJn0Wq2sBqstb20Dr-tEzscdCwue6Rj_S-gihRDXC6zyK6wE89fpWjGUEhfD5ONXHJneTC', 1795863363728),
	('01a221cc-40fd-72c5-a320-22def0314f27', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-40fe-72a5-a71b-3c8c354df53f', '01a221cc-40fd-72c5-a320-22def0314f27', '01a221cc-40fb-72c1-b5eb-f7f1378ebf95', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrNDICq1BjB2MXeB_Yuqtfjah6bc0eP0hqxpVTekNUq_zPNkE40LG6bkOg7a4Ob6jumeQOJoKFdWWVYwXUsRWfKwfztU-YsGQUSN0cnqlyrwiiWTN7WuUlOEkEoxPUxIRNZoaZ_5BQIR_QKO_Nu2CQW5yEZOr2eibgrgkvMRhqhCIUSFcEP8ytCd16LJwwR9x0CWbiplA1ye3Q07CoWpve06Er5lnIrz4Rv2w9uzuh_oFOH1e_MDuuaR1MGqxRIZlvDIc6ESAGSG_Rc8b05gDiYxlHDAbu8-19SExNNvMknVC53bP_k0pZhipMf_UAsyhlS7U8knTofNvT_8yfYOVPS2C0crI4uVmU1FkBMaW-ZDbNfXi1CgQcFtGzyjFDdlBdSdZCLarnxeIJCrei4yMK6lfrP-N2PC822f6hWXrJ97B4tMa7ySlPp4YGWLKaoc9HfWU_Fr1zZGWJVyH60iAJD1HGLa4UkWTMn3F8NFsQe_PAoldqPdRGpOjTQvsYB-v_0dMG8Zf7kg3FnHZnIWzVabk7-gg0pFlE2MqOWKDfmZEAI=', 1795863363844),
	('01a221cc-3c43-7207-9ece-ce5a983fbf60', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3c1d-720a-a068-9889dbceada8', '01a221cc-3c43-7207-9ece-ce5a983fbf60', '01a221cc-3c3e-729a-acd1-8637ee5e7114', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNCfpH-lN0-O_gL8DtIYAQv8dL79tJwQjYFT9c5vHZGsCVQ5_DhBYFUUmmIrlgHHaC_lAtB1tOyqcMLa5jcKQRfIqLSK4fvG5JY5YM7wNNQvyWRDTpFf3xYCyoP6wUHPR5ebU70GkloSc7mPmfBAToGGATVy0mIkXaijwIr8H7JzNbHGhzSlSxAi8QR18XPw_UBMwRFPh7tPR_pZsLymF24P5CHDunTyxAvf-1D_6ukQI0lHDf_iXfcla5_Enbaa58kvQLY-nYIyfsh62CSf08AAoU4fnmnCuFN_QYLJMZdGhjR9ntauF0w08TYekU9ZAPjNEhNb4gp2Lnqh_GN1iIfMqMRsFuYumCYMMsufy2hQfSEdcIe32HKpXSAQumEhROPYsJnrk_nyVzScgFjIsedtB7fyuOmh-tE5qRnXoiEIFLtK2gI-AAslXBXEwyYOr1vTkYiXnRuu1oQuwCbSwVwB4IKjLQuZPJuNHJ0owac_NaBjphOlYWXdJoBGtuN2r_rBKDNzMNMKDl2t7OkHHN1dfUrmd410TKT7vrdMWWp9uZDKRoeKE4OhPJWeTPFI0CxsxFIeYj-HsBpCKlvJ8ub2lbS246CcJNPdlXAii_fwyEbY2e4yPdQVCBzTizu_Ln2A87ZppMaVzuN3OKtKLlKT2veCjAWUP5XLTWCd7rb6ALoaGEludJWRV1bO-CBfrh9h7zxjz85MOSvqGu6R8xbyKWbPEH_U5UenY9k3ofrs9nXFXOiWP7VM_MDRGSpLqNmE4k6YiqBkVBbgie7vAPk2w==', 1795863362635),
	('01a221cc-3c5d-7035-9e4a-49b90283e8de', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3c5e-70ed-b6a1-a850b84137e9', '01a221cc-3c5d-7035-9e4a-49b90283e8de', '01a221cc-3c52-72d2-9949-3b21998fe92e', 'openai', 'scripted', 7, 2, 38, 4, 4, 'complete', NULL, 'gAAAAABrCrNCaWh3-2fLklaCMrXEyt731xUr1IO6xQmnfGY5keZRgokkgk3B3C5Vzo49_n_Ebv9lh3n-eyU10hW-7w-wsKcwQ_1Nq6mDv2ikK2H6VwdYoGQJSCJB8BYNRZQ7X0ClBUc4sFEWLsNVFXflVn2FjcJmSPm0HjgF1blRD_KzbFl8Kxm-k3l9_IpdHolFJxRA6LJJyURhQG-UjaAg8E2RUKrrSB2WZK5tHGYDIlRkw_sW-JW79OH19qdNwjV_Z0aoad2x5mwI8sEu77aB9-gvaMdqXA36dDvqatHLkSX1NnTohm3XeP6a0uk0n_ZUYjkYwAVGJ4nfjyopzZ0_EA9EOyvnOQk1yfU1a4Sj2m_UfSO7d61BS5R-1kuXgLZLR4sufh6asD2MosxMhxkMPGsOxCH3yl08xf4x21CSmGv1axPIPdafn_UDTH6hVmYrBWuuSDOBXBIwbm97yk3orWIL_R0yj6-vdBMs4-wvCFEzys6PjagmAWXi5leMCZTaGFiGWBjDjBYmKGM8OAjvz0G5hkp8qufueTbtlWetXx-xomxsUZP19t4u7nV-zfsvjyu4wtgDVRLYhE3ZfSBzpuhAzhwHuKy_NkcM1u5nr-FKOrrKMIJ5joPMIqw3xjyLcZuYI1eR0TFr7zC3DrS__Wb2bK_tpw==', 1795863362664),
	('01a221cc-3c84-7288-a555-5f022cd55607', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3c5e-70ed-b6a1-a850b84137e9', '01a221cc-3c84-7288-a555-5f022cd55607', '01a221cc-3c7b-7186-8abb-a4a06d3f365e', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNCAE5txNy8iYUbDSwXt8eazrJAKwwt6_xrLf0r7awlp0QY2wlSKgl-Tq3BZshgSpmS-1BHPBSQywl6LPMJN0gdTPJPxjJURxX84ILo3YQk51j8fGsjmPyFju4SVMOSEX1rTpfY0W1iuMHh82R9e4zLsHg0nqsxWoUvrGxAC17xwzpeHTGukAS6lBT6Akn6aMzl73YWbaTzPtx5aHfqBWijhkHl-dm7VGvSQQV0Cgb2fcu7Vg1JveH_ALFNRkUpEdAvtcIyX7ULY--SYKJEL8994hgruTpWzCUEczlHnSoXjUAy-ukiy_f-qztYqKr_bWxeKDq_tAXtNwGtgBzGWAgftQCsh-0V3sMFOCecW2P-cq7g2HaCBFpVuyEWMKBRipGPd16dwUMOP0HQ_tAYn8NAEIiF058Oql1OYwNuR4sDb_c1IgC5ZIggB3lUpnENUDrRM-v0mUfLf0SDYJrFVQg1v2yHmJKnLxqhoHJl7yh5WKTbwuQ2tactM2e4GsLGAk5lxcuHiaB1cVcfNGPhKfcJxh5Ae2GL0e8EheV9GDjCei68WAus-Z-jzYvhA1lTWhMaASfKGSFDIeHEopfut4_c-MCVJbFTXXzh3ejaUVyIjYQCvQZD469IdHcdjcfRUJWRCd01NjQjO7c1kZR0hOxchw==', 1795863362699),
	('01a221cc-3cad-737f-948c-4dbda7287171', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-3cae-73e1-9ddf-9e1cc5777498', '01a221cc-3cad-737f-948c-4dbda7287171', '01a221cc-3ca7-7094-852f-fb87239ae3be', 'openai', 'scripted', 7, 2, 38, 2, 2, 'complete', NULL, 'gAAAAABrCrNCJ8AR7hvOyyJV84c6qgG-RkZyxiMfxddWUJF94aYts8W3S4T3oSKfi-WjyMm74Eriyh8_F3e3osBEJpPurth2KRl-rYZQ3gqhNgTZepwWnuOEInTxcefdzYvBzE1mwWV5iP1jFBKXSd7Bz5UkE5RDWXFoHXNfzM7ThalkgeQFabWQNMuwz-ME4QlsfFaPksnsOBg5T8UyVDrW5HGdkUfTiefT1M5PgJzt-6NtVusBzMDU2tA3jUsFlsiz_q3bJ9Oyd4QLOI5jBrLzb8Rl3HAfLIoiTP0M164tCj7Um83YzAMpYHggFQqo05F3Bgm8ddgLiU2Xbbxjft1bUQqg1kpHxSU5VGWfj1NCACqifNABtAjWg9Myb_vIQj2Yy0gy8NorcGBNMEapsxQeu4M-6nBl3QvZo0DocDWVkWtWcvgTdZwON2OmIss2eaZA-M26OP_B1lAG7ZPlIAgxemGV9AyoRuMH1Q-69XzUtYCJkil2w2XxQwS94HTFalKR41gPQWMu8bxk3wyAwW6B5Wxx4RhrFHWYo2QPWmmA5mTqO9G30GRUIuUJCszscc41hWfTHFvY-4MruXuDXPZZXUKMF7jg3ENg4C3b1Qv0KNpjL8CPGwEzYD81Yb7kC1BYAREMrCGS1ITJowKoWWkomOA2GcIunD1KUMf7ZLfzdbQuWZDcd0YtApper7VjashlxI-5_x3n71h25AbszmReMVU6ZMVophaQ-Z716g-JEVQo3bYRqvFQfCvAY602vELdQdfFrCIehR8Zl9XuyVclkgzt9zuCUXk_AvuGwTwqW0IA__rA5xzQewYnFBrYvHdWSnqM71pqSg5cFOhFZTD4I5sSamLOcTmdXd2HYaUCOhPrhjvHb2GBGI9OGC561M07TkXdZFOGOOiz5GezE8aeinM6hGmrAx-vEtTddOxtViSB2BQCv3EKDLmM62JG-d7cgEqrfwuGwRWeQAMgbxA0H9IVuFdULEfVTm1F69OF6sirSqexpwoyEMyYrHI6Dd_38VAcStpafoLaBhXa1GpNP1E2eOcf6dBTa_NJGeKpg720T0A9Csa4z4jm9B_W-VRL57_U1xi9', 1795863362737),
	('01a221cc-3e09-72ea-944d-4bdfd3059812', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3dde-727e-a685-16750b8bc01a', '01a221cc-3e09-72ea-944d-4bdfd3059812', '01a221cc-3dff-7118-bab2-a70bcf9b791d', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNDzFDekt23UZXr3ckZqIgXWdSPmMo6NrmfFO53PxHAJ189bzo1vB7AgT4TD5BN9Yp_DuDIefYs63x_sHzdzvRCJx11pjJyMGsgriLQfE8JvL2-EU_MKJmXKI1m6v8IQWphy60xx8PraoJVi5qeaPwW7TFKv2J8IZybWYHw3GH80qLByFyKvPJ9rXrIkQoF4Cd9wb5odelVaH_uTiDBG_bJvXVJ-F-00zEnLBlKCEWTdmWcSEdNfevsRZbSBnVvMupiygeHBGvosbw4TReE5C0EGjtjxuA5tF64o6ds4NpQlZegMiqk5yF-Z7rYq1w-3jS6Ua-K0d_xS-VrY6vG9pPPEbTEkWtT0j1n2CgrOxYl4Ye_mPqqj-Fn-BqG9fznPorT-7RUnRB8zpQL2n3-TgBZ6XcVu6yQKlWqiL8-q_6XAgQRiOvdO1krB6vCeEgSM8WyKCxL1dPyYHXTbTrjPiG9Lvh-zBWdoFUJ1TdpER3Ao1WZ4O9FoggwL7K3XRyaHR0gvH9GjlgBV6hJSdg8Lrs8Kaw7MFmN3hf9plGCSvIuxUQoHb9LZozYbaK1ge_QbIVRxQdVo7XlItJaBrNZDGWzwzIT8SCXDJAuA8BBGzNaHfSwUhMjag5Zqa17CiNn-h9UJxG-X95e7XeBKx36nrRCNXxh_J1WLNRrClLsrK_mrLR1uZ2VdMVJKBlP2FmwOAW2i2o9RAoTlM5YMhs2I8ZocmG2HFHrX2NHxLB2jThsKUQRQ2aXpofTkzyS4d9u8j5S5UPXpuvJ8fnO5ix-VM1wjXoB8bpzZ8FJnguqTzSEiNw=', 1795863363104),
	('01a221cc-3f22-716a-8906-70948a3e7252', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3f22-716c-9bf0-23f868452363', '01a221cc-3f22-716a-8906-70948a3e7252', '01a221cc-3f20-7254-8921-4abbaf1b33a6', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrND042zNyZBGOu2Ix-wzj1r4TK_vuU8kBxJ-kGXL0wTBYaKfD-_21pwmxC4pFgLXpeeloLMhpWzM6UNQ1AEbyPLT3FUWr6Fq3Tjaxs1WeX9VmM_1jIICVAF92SIfpO2p6nBBsQUjn01zv6Nwisj2iAgIUhFDtSJy7bKWshweAnLfyXV8gyhI8j3NhtDgukGW9G4pXIQRbhphQEpGIeOA7dBV7kAqtOvf90oEO5XkrMSfteyYTKHbmSIlegNEOzFtAA_SGtyHRSZZmxUuOL33-WGr8azcIsiSJAOpkJZ0q6tXd4xXH2adALuz2DGUhd2bZ1avM9SB0xVBvkl_dopMoU2cjnCwKCpWg1RzdunPmi3ZDA5tukDc60ejPKLR8cDUZClCdQxA1s9SWnljEVQeN0DOcS7HzN1D8RN-Zd4H6mfCQz6kXPbN20-X6OawMubX9IWJyK3mfI2rkanZa4o1BYPpLk7VLqGm-Db4ITlUqJ14NFkVkQaah3BILCynyuub2TaUPlVWsJLyTWdO_hXLA-W3Ic896dDX-Fdhv1_GOjZ3CMp9kGH6hK5NXYqT6JAgMnznMydmR0Z4ljCWwOhP9K19KfimPhlsY0DaHZznBWYZ9B9_uXV5uG04XzkgjlD4zeTl7BOkXNlmItkFashlC364DRgG3AkHCtgq5gs4rusdtp-eWxziLG6nwCe17C8HA-8ja44cwCYZ7qlAv_hStvs-bVn8t09-4FNWe1-phOA9RXNt99NqYBWvpECtwVmlcdji3g8y3BmFXmElL2sP1Jr8lp0mPUTmtCBea_zewqaGzwbcmQY3wxIwTRbCCQYZiDwsnbLLrx5I520lWfkxXfUG-aQ-7_KH-x6FIc9LjFLCY6McEudt13EX8YrZRdFTh0NSQRBvzF0iGgEGDA9ZUEISmpJnNJKMLSpj0BeV7wMf1i2VrzViytQaBQvD6Kd3WDABpdGFX4v-b3ipsajtu_12ZRp_oLkbxu-l7yQ_amJx1Xh6XEmSoIsovq-pmB02TO4DPTnHMkpdVzJvPGJf2jibdbTnpYK8sic5YxI8wQTAjG2BOmmjI5cPpH6i3jOUztML997KTyUdPDSlKG5Fk4hRpVDwk7tYLQxiazWlRXjklbdQ7xL54Cn0CwsDmw-58CFCStexfbUsiis0MMsIqp2VQsbN3KmRI5zzERfqb61xlDL_2T6vmugHePEVkR3gq6h_shC23pYO7DlBgEP89Px3ms6POL5eFUy0Qxj488wKSYuHHPWWFV4hk5FybU1ipuRJSp6LsteJR66SGbUdlG6M-BOyvpEwY9kLjLiHh-bksQRgRhic7aMpJaKjcTmkDUKd11Z2GgfJVsr97RoWQmUt3rXrIdweo5hUd5wxyMbHIQ=', 1795863363371),
	('01a221cc-3ccc-70c6-ac93-4b573de63f3d', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-3cae-73e1-9ddf-9e1cc5777498', '01a221cc-3ccc-70c6-ac93-4b573de63f3d', '01a221cc-3cbf-7329-81ba-87a02097c7b3', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNCthvIUGnqFleOmTaT5eUuzC1zuMwPsVnKTm1ODLUI-uZWKEENGecXVaWcp303tlAObM5Czw3djtjCK3NAboSNuJJkiamPdjfhh-zES69-Ja3Gz3n1uxU6NrfZAuUGUyGIH5PdRhkw02-KpooM007JUEBPxUhgYJKj_DY2p4M7q_5xSykQOGHPSKwEHC5auIseK0azlAPWUhVoileUlIxfjdpvjqEnr1t_IeXwo_vsmkkRD2GOc5Lj1OfYkejk3JjialKNe-Wa76RoJuTq9GKkHjbjutDOQTHWcvVU6t1mKF3VutFRzb0PWlz8huAYUqCHc0mlUQNRF4VDpoz7oqWUanrpDU6ympdIEytTbpYXZQoVMOz6GYYXrW6dh-cQfNYYoi9jcZ34KKnkYCjOkV-Gpd502HHvKcaApFRYiC25mj5V-3MXEbjBJlq40WXFhphmuaiADxfZkTXWl6MxcJwfIuFLTEa4uWjCcq3S25h-Q0gFX3WtGEpzA4oeRDf3wwAlXkG2AiaGdoyjLzueRunAh3jWA_Ps3_uk0Dh2L6fKphX7roSyHDmoSpTvaDSzNjo-rglulX6myo1fcbZ0wLWptdfSRJytzEhLPL-kBMUAFAIzNamSM7ldMx4JhiwobjjHdQ82osp9kdHfQlxTwV_K2MHU7xt4nM1G_G1z9FFWAGM2Lbc36tC4VCcpWZzKPcEb3FB5LNHoc4J49gD3OL8PpsuPHnw1oGqD2w0kNEFTqyaHIjOjQozEScALLt6QeJ6_cf2a3PhGyO8v7J7J2FGnPIuIyvVVfAfiyJOhAqiY-bHHNfymqK3GYnWbaNkchvmf9kkH5XLfQtsds5OV8E_14T42B2gdjoqu_GY33mCFJcyLiHKC5VVwcOdyau3uY6jiTEyKqgqIa71UtaSL_z9VaudyHR2gpvZBuFq9GiO-vZZ19YbpRjO3V-thBnuliBLXwU7Ji-fUTRivItP4QO2QYGlGRQ36zD9CstQkyeFNm3GLs70FJjupyptMqkW9KBkC-w0ryupIomNXgtvjuTDc0wdS0AkJ_i4mmX9-4g3L_aSYDitq469m5Xeg0hWgO50p', 1795863362776),
	('01a221cc-3d10-73c7-8383-126d72477304', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3cf7-7195-8a79-122a1b8845e5', '01a221cc-3d10-73c7-8383-126d72477304', '01a221cc-3d0b-726e-a49b-2dc46ebe6c74', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNC7ximLSdzGfdH1fxDyr1qwPYKBRc-pOTWKJWeLzzmpxwQZ36InRjFPvjZ_aIu7qNs0Bz4Us7q9o96VNJv_hkCWRQN-fcReh1tteqqhKEk6fOFeQJ6kVCjbI-wtQTbY5O_KTN_OmWDhQTRq41yRlzzW09Hwc42ybZDHGlOBeO0tBlDbr89zGS4Mz7-1xKpik7T0tM6B2M8tmNcwpMG8aCLnRQ_K5Q1Rk-__LBukfYYG5cVjG1qspkK_r0gI7RyuZhAgHK3ZDV4TiBOzzQRqziv0dWciZm2ww5QMShhlc6_ZbBBMP1OqDGAEDTLkLVxhJIWtprn11xJ5RL_GD4z9TU3cg8V_H7V22iRVQ2aSyie_qnZGDK11yyB3ijRsE_ryxVqUN55iOJxo6lN3QfyqbD3G5O5IMjB5y9K-OlNnGnBcm97rGKh_P64YfNJ6u1dA9JanVg9aIgD5pN9KAvlqC88VTvycN9eaWIpdZsi814z6d1rL-oabc1rN6pxTiyg2CVC6M73_8gGgTd7hrcb6l8QLGFZSLWxJaU3RTLldXk5Y50RvdjfSQnUvy7Kv9Gj3OkZUL331zSlNCg5YdpYvqBOaBc_TaigU8vGLvDJuv-_1EBADZ2g5CMOF1noRGdsulTOORjxHRbNcjtqgHt3HM8xDpiXWcJx8adzawAWwhYVcajtpRL5Viqz-OPYj39Tb4n0kE5Ozapsomb5hrwEFXQrDD0WYi9yzIe2b90IHN1JoHFbDTqmwNOowF5UEEWgm-V9PF9Nfv3G-y0YGy85zjKhPquFpXq711bomN_yj-SXz7y4lJtoIG-riv3eDDkVsVVFMFfYS-Ys2womz4fG05yMk64sb1z1kkYm1YpyfagVS6R5eKvkQ-sTcD98KO9ol3Y-9Y8i1wTkDf45ybOq53Lezi9tcGaYP-27doVhkOMy4DRYbJcmjKpmmibARpeuXZVzvEFJTiuvleXdxPvtmrEm28y8dCP_peGLw6q0KV2RcSi7k0JWLdjn7yaxtCvT2WVyhRzl0a3RvxIMveXXa8zRI20eJt2OeQM0dEkLb0a4RXA=', 1795863362836),
	('01a221cc-3daa-734d-9705-b8885ef4df2a', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-3d8d-71da-8a7a-0e5dbf10fe4e', '01a221cc-3daa-734d-9705-b8885ef4df2a', '01a221cc-3da5-72c7-b72f-21a4f9d62eb3', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNDE6mW8bkXYVYMFkLVhFt_QaTw8teaY4JykcZSVO-qlvJZFrmxj0m8vIUStbNdPZ3yYigJh5NfAsNW5wp7OfguC0YwZGbfW10cI1RlIJxXmYHtnEQF7-DP1p0IPzC4FdRdRqSA1pv-XQfN_8CXhL798fYwtOwsTvYPlYDmr7MthZoCtGVDsMLFICJN2rzT7EiLcZd_fRaFyuiPKVBHJqfszDeXQrlNxGuKYIfFZVJn8xc-QjFC6xTCRn0VkCEf_Eghz8NkhWxTzpdXgQWy9F0FREE_ZpbiieDL8bBruW7I8kkpfTh8Ly4Od2LA1fMZXZwyKSSgud6puZxsrLkX63lB8VD6bbLYohKFQEtRxVrrJA3v1GmKcgugo12VbWyzmaapoYGsAbwZ3dqeRtMjXQfxa278Vl2HVf1mLDa6R8xTGDqKApBd5xylnVpw5S6IdYXp9x6dRxIpUpuYxoouhGTe1DPw3FbcHq3dYMbSi73eKRwmjIX3i1bteC1uQOeO3X1is6pQSlh8c_ZpzpRWDNv89fT40kQbhLPkGFxULb3TPJbMSV1dj9IYdpPb8AsH9t4xwktKzC1QiVydk9nwx4hiC8atF-bwrOXXzc4xpqDdCSrv8QE7P54ZwbdzCuh28Eap4Z0wRvjvzqe4fMeoXqmp965y7uDcYyEV1CKBXCgjZP3Fi4eHqm68GhgEsDUuymo3mwILOcLFr6S484ZXXYdRoiliczqH7_NT0mH2YVWJbuaoEwBba017EbO_4vwQnr9LbMkLNVgzJ4xgm1gByP34RuoT5B6KhKT2dBAMYYtSbYD6XjuQPVnviHgdm5Bw7erpQimVXvb8hRn-htZFW7ABCYNu6DJ_BXS1TrHGtf7OxhPxCwfvt-qaIJaEqWsZWcFe_N0_S1-fvOCVqNiI_Bvue0VUCLzZaeTboJQN0TOlRg8=', 1795863363008),
	('01a221cc-3eb1-7283-9689-46d92d0ccf43', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3eb2-7343-b310-4e785b8162f7', '01a221cc-3eb1-7283-9689-46d92d0ccf43', '01a221cc-3eaf-7294-a704-063f9977f0cc', 'openai', 'scripted', 7, 2, 38, 1, 2, 'complete', NULL, 'gAAAAABrCrNDogqEBK87_J75EDBQBczQcCHtcT97HJm_9KXYhJ2oQreuBEh383wajLNssZJ6ZR7BoClmWARz48ZXRqQ0-qI2bgCZH8hwYnkwna9Kwq-iIbnUp-0nN0rLV3xkxAN3J2ZGWJmh8ztNDE8XCSGrcfLEF9fvxy0QxHAyiL2ekPnoPtlpoJNCMOqy9zd9p1MvyQx2bUkfoP9Ulwt05Ibhhz5FVmTMr2lHWuEWA2I6K9qlukks_kcY_rizZ12QrIky-u1TfnlWKTCVcz-pchx47-QSTWzTdaUtHSgCUelSTNpsThLj3KsavBjnTj1JEiA8MjD5ElqDlVc222zCPKj8LfchQNjCkAQ4fobeRFU8AzYmwgQV3wUQgGW6-LE0Isc6IYSXGgjqaPJfcoecV6clzM9pQ1HuYAAhlohER1NKaSg9mFC6lOzy6XSyX18OSpLqXa9bW3P4opOQFaLxyXV8bsrjefztutC4qiA4h5JqE0yGcAWMDNB_o5b3hThx1ZlL5L_IFgFgjMm44O6Y9HIeX4B2HqgJE1HLNoYZ55UwPlLZzpyOYingLuJPWxZfRigd2J4FkFXFJPSrSuwASyjiNRpn_9VM02upUdk0RaAVdspCves5ew9HBYihDrFUngcSBjGiDUIiIpjYu-6yyLHITcHrvQS0tXsjRpoZ3DpHmvNCPp7zF_IzyzE3p-zHBaH0rXSByxVUkQzXXtMGxYjY__exsmKAGbw6OI2NG8pCy7GBcVqd6XqJc0QuiQSuW8V-mLPN3vls4g9FJNUJF-ve55IzcaRWxhDwq_s4HSQr9Kn-MnnR7NFAHKq805nTqXzWeCC0ScYpe1EcaVy78LaiVi1Zx3tTdLPiwVkaa0A76aas_Eey6dNStNNm8l2B1eVGI3mtooibFQC44mPWJDLlF1GqdsMQOx_cRpsk9dFMSVJ4rgxml-tiLVz3PWpNqdKcu3Mb_Kgzi_DXfbb-vEutvW9IK_ZHKI3J3e7uwWwur1ygbjc-48bSJriUMte0wGPZs8Hp01nRm-i4wYJY33-aIuAcjOM3GuJieo7bZ0u6JnmC9y-jB3zJBilCEHrRwFz0NYe4TJ5Gy8_8FnI79CCISOe53OtbsMrCA697gcNtafW0vsC-C9ZS_6n4AOqsECnZvYz2RNx7gOByJLeDH84_WzEJv9tFdV5uq6_flGc1Qg_yhsdh5b8TRPPPyGe6p3LFXzwOhWVxy0sefqjzmY2BSjXvDqWcUdUAc-HnOym30q5g0BVsfMyqoVk89Bgti2YNigxCwguny5AZs3bH21z1Qm7jcYA7HSGEIuyg74OXHWhcPrWro1XzMslZc4J4MbFWXJbS14ToirWKfnOCsNuvz2ZygzxFphDxzmj9JaK0RIC6PQKVBe5vXh79aPJ1Dx1P8PyrklfWMMtA-LHRwIuLmFIHrC13zutFneapSt3RRu1CZcLdgxxLsHYcH9dKowWj76WbxbFpbj9aHsz85KAlhJtAnhFOudh_QejWk9wEIhGDpivvx5f0-BPbYfd3FNxsF8MjTK5h1gmXLzQOppqcEFG3DiWwAxURznnmE0M-hLRs-AHjvrO8Q3PiF9zzmVo8xbTNFTtrqYLdqcSM-OVZ2e2EfWlMEt0Bn56gQkchpndYEmLOxjAZ8_fDT6RTSl3ZuCXI', 1795863363264),
	('01a221cc-3f56-73a3-b185-ce88b1142f84', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-3f56-73a5-9e45-0bf5e5c15c2e', '01a221cc-3f56-73a3-b185-ce88b1142f84', '01a221cc-3f54-720b-bd79-f014e6d0d721', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrNDIveRSp9V7ZiHdsOgpP2QE-YqtKzvOiLrGiLATVuEF3pVlTiwh8UtJcjAJg1t11jOkMiAoMT3tBvrFfMZ48g77vvwJMhxtAg8sgxe26Oo6RBK6W9Du86cEypnEMEzGL32H8UGQ5HweKazEZG7Zbz1m6dbNzzefUnigzOZXUb79uWwOQ4coZF2ozw4xx_9bvxN3tA-1F-EGUR7l7ffK8p4ohi_UGRfXXVP5XPNTXWb173dGVvtb9XHPqGnIjHlzF4EgrgWM0XZnachZ1WnKUseytGfXVWqXjPbuYAnARAElJ407LCVhvHymq-AFKF86fTBn_BEWCg0-uFpCV2lGsTkRc1ToonBkaeJb_VkT7bEtZu7Q2XYNSC5b8vanNJd3SdsbDPCXVZ1J2sMds11NfYpLG82nnYPMQ3y3wp8hLkopgTG4DSczR1sCSq8HcHw_lJ6q2D6lQdp10VD8BMXVOlGIiBVUOPmwH8iS-Zi0KahwpzlnUOUHD2fth8_DMT6LK65sVKMUF1feU5DuJCVM6YAxLcdtZLA5DuwJFTK02QMu7if_rrLy1zfKPXUSkp6WmeCFFtwPcvwoRQ6ockV2FyhCCYQ8nYd_gia_MISzVxe_rs=', 1795863363415),
	('01a221cc-4024-7176-8a3f-2d3c34780326', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-4005-7030-9b6d-b839bd8e14e7', '01a221cc-4024-7176-8a3f-2d3c34780326', '01a221cc-401b-7182-a862-52b0c793e18a', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNDAATO5-2txkjMt8x3yJFgfG-6u6TfA3DrmOcttYaQEB3fOuFUlaHXg6N1nhQ-_ltDyOgpBKdVhYQEGeHnQCQLszTuDM9m1QfpZPiLJo9CGByy8vdPjOrMF-sQQsMA7kRAP8v7vnlbHjui7uwpuSd8d-iDbGX_qLGJEZPdt2EvWq4l_UE6fJk3v8Hvl_r30aJ_EL7Q4hFXnRv3ByfCDllymLjr90Wpm8Uu5ceQD35PRj1i5CPYX0dkLnvn_J_WkpdcydfKbWFsQGJ6Un70QiYlQuombOD7BCCsxRTB4DFA9NW2fLhReu_TCF1MmlLvzaOS93SdVx4EnbaKNE0-oeOzhoZzc30RyYKFM9gzUiPZnoc8w1x7H3vKepmPb6LOL2lt3X5tVuAsysD_zLvwPiEZVj97i39mLuJsaXp6ERCJlC2xTdlcxVLxECkiWElM1jyhp3c3-1gvtG4GeVyQYendJkulvn8bEc36rIk0ZfopgptKnDcejfRThXjx4HU8OxlpTqpdURX-10ajPX1Ii-j3a03SP8LTXunIJMfEOUov07SArRzQtujDp6LGNbGujDMIjIjn2LYTr3CBtpn-as-lnzr8KivOsP17zRv53oF5ZatyBe_lcFmv3IG_NgPE97-KEmiufUISDcoBmyPYPn0dv4OYv6zIKxuS831XAlEcVF1WD9mtKJItyvaUjC148Q-T5uMHJA43V1It237VZknd0Q==', 1795863363624),
	('01a221cc-4364-7382-a13b-62b399696292', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39ec-717c-a52e-204a5d0498d6', '01a221cc-4361-702e-8404-fad3413dee8c', '01a221cc-4365-71b3-afe4-8293d1b563bb', '01a221cc-4364-7382-a13b-62b399696292', '01a221cc-434d-73d6-b5b2-432e7add04cc', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNEdekC6WRQuH75wqsMYBFd_Er26TbZOPoxI8wlTnttq35UUk-Rgr510c2ShexYgW5ZUF-Ua_gNo_F5cyeJ971QACCyV_eE8tTfx40LPpT_blu4hTXWvKz5yInBYC3J_Kyt7I9AM-epCPRRBpcKePl_8dHLGxYc4rK-bagIr4CK88Z8GAGTlb-jO-qw-YdGO_VV', 1795863364456),
	('01a221cc-3cf6-7349-a790-9fd6cb21241f', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3cf7-7195-8a79-122a1b8845e5', '01a221cc-3cf6-7349-a790-9fd6cb21241f', '01a221cc-3cef-73d1-ab87-ce44ee639c47', 'openai', 'scripted', 7, 2, 38, 2, 2, 'complete', NULL, 'gAAAAABrCrNCjRSfjb5ClYPDgUzACCbNs0V2xPnPTxbDmbV4wxMwxMEHdJs1TtktNrBEATWHSwERA0haVu_UEEdZGoZLYE-1MCCZi4onvsg8nRfT_z6HpvRED1AcjfdUfQpHY3jPQUChzulFxXQC34J2uxoRudalUOtN4NIvwlXo6716Qfx__AXVRoIu_oDuaSKP0DO-ZrtmS9HNG_KQJJnd6uE_ddUNsEsQQn_H9cTLNVuT2cdoU3doyaz-vxzlmqtEQPiV1-_Qop1h377MBE6GcRRaDb5LJyS3ZEg1i065pKUE7GXzm-eEy1X3CGZHrlPlHUd6Ls4n27p8h2ER2yyHn__P_7h5WabAAdPt_E0xRFS8Wdebvaxwp_a9vScacs-QuN--V6dOZG4ucsTFmnICwwRmuv8pwCWEqaDDfaevQF6XdBRKVyCmo1VC3zvQt26d0b_cP3hoWDyHj4SVIlqqQGWFBiYq7Vh78g7FgmZ-CqsRFwuY-VZN1jjYuAOlCmWW_c57rLKpNdjvT81Xf90PIuOg00_sY-lXR3TfZkmHab4pGN9G7mOzw05nzFBpDGqyJD8qEypQv47Uq09sFdp7sv8PlYXg-dOtno9GQQDR0QcAwGu7s_HC4-6nQvskAI13v4nrUAcbVlD-z3-L2xORQ0HKLiCGl-UyD-WO9JTLCocE3gZmrgIkzbDMNecWOaDnvJhFj8dcXi3NbUnlSumAh_7uMGaJ1nWYPyypYkFIkO3K1yq-EUrYaqAFgxQw_rGSSoi3TNoCHv64g4EmXJHowtux6EjyebCN1uP9pASWHNDGUdHNZ7u_hqMxhRC_t0ACNd8EezD63f5MawhEhnjTHkcbjrgcxUJj1o-2ta1TrtMn8dD-2rwQ2DLMHdsZ3nPDuGvUOAYXLKWCDqXei2x6wlSCnftt_xKGe9-rR1lHdRDxNf4VySbIgkh4Vren6UMru_hL5fGUxMo-iVk_bodX0Uc0d5I8mFxQKz9B2BfqlG6dzXs6v0Y8B2dgDiWr8moQulNVZfDHRa37FYQcCiR4Yac5KXpYUdui300y_1gSbrrAN44VFM8=', 1795863362812),
	('01a221cc-3d8c-72c2-ad56-d08f9c50bd7b', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-3d8d-71da-8a7a-0e5dbf10fe4e', '01a221cc-3d8c-72c2-ad56-d08f9c50bd7b', '01a221cc-3d8a-737c-94a8-0b5b1dc3bd51', 'openai', 'scripted', 7, 2, 38, 5, 5, 'complete', NULL, 'gAAAAABrCrNC4EKJae5BMTHP5KidPlH1lYIpoK9G8YfeuRWuRumpAOHZ5oEsy340lDOSwyKW9-HEdDB7YP_7UQEBhdbQyS3VaFiI2UpVYEgXJgaGpVLN7c7FLBcGxyKXqB0C1GX3TD_EiwTZwICD8z3tWGXMRy3IBkTGk6gqpwseW3DisCPnxtNA-VnazfyXVOB6BZ3G1Kv1C7MRonGopdZIFEBJMHGpKfmeIv1J2mOXbjdifAKCnd0KAPjMBSIoyzAjCj5Jfb-Rj5X2vrX_QO_mO379o1ait_VyNDL7BGq7yEl_IIqTM_o1Lyze98QByS074QmXWWC6IuFVi-2H9bWcD_F60u3uEoiJWwUr6UDW2R9PqsPYRTsWNZn0vsltZ_3MudgRTSA_Z6zgmZXXuiUaE8A0W-yKdJqFyNPSNYtLOihFgH4xrJRTfC9kZI140ct_ncov8s0NFDC9RKYzY_bW-s-G3ZQOh43cjvJWwyaL8MeUMLPXfWswQ70qAthM3mDWiTTqyxFWX-4aZjTxQbJO0Rj3DAxqGo744o8yXKu-GNBPAXxGJeNs5Uy4XD0BKbDAWVBsReIlenKSIofl-KHYkS7C7MkPr-nW6tHEOeuLmAMFv6DmwdnZLLM0rfVYAxvpbeFgcDEvCHYrXF7V3xaLH2Uw421_pY8Ar9vrVNr5wyDwaQ-vmubVr6mJ-D8NMGJ5i4-PivgrcKj7ThNydp7_viW50L7dYCjaUDg92-8qDO2FAsmsAGfH0V_oeYCV1nLQD-jSRXJ_Tj6_pj6qOdWapvIhGYEJdrd1ytwM3ptFX-8EPMM_pFPiKxw6N806ZmfXIKszkJOO-1Z9-gJRR5QJMxi0HpjRj8W03oW75ZVWqGNVGb-LLH2sEqeuVjaYVrbwoccByszqsDkxAs3AVFt30zZOvie42UPwDp_dMtmYYjj6dJP_hx0=', 1795863362964),
	('01a221cc-3e59-7318-8e61-a3270378dbcd', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3e2d-71dd-b4f7-410c37810525', '01a221cc-3e59-7318-8e61-a3270378dbcd', '01a221cc-3e4a-729b-9038-963c66360926', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNDzM4IpIBhooM-tQwNjCzxxzQZniZLfyY_GHcipveLufQTIdXFIL_6TcJ_58aNKYgx1h8yu--IGIaqqUizmpMj9l5T5M3gDgWFEgox3YHAOcI7Pk3H07SNnDqaRBciPRYn_0XWfn2VVcd4qFkGWRFC9lQ1hxdfj-DQwlDiyhHbP-0Y9KAZEWXHDoWqMla638P0QAq_uXpmWOe5EIvtbVNWjyzVPq8OvtEjX5ns9G3540b_PolURamDXTASeBIBmgY6S-x_CXRDMlYq3L-X8JrhvJciKmNvUGlmI-fGHWDcQyMKJc_oplFZkN-mRARkuD1wbWTiwUZYoXz68vKZiEDCCBqq6RnPvlI0-xEp3W_MIJoLU70mqs7VNQXSk815omWbg5n0rveOj_H9nHpgpsiiQNc_3vfJ8afQZgVNpz3I-8wJUhyZfj6qqam2GUn2htoROnFkqG8CiU5IKXtUqAwdefv-Z7BpkjzZSTDG54DgyMgLKFcPjz6gqZqKoK0o_jjLCjcPcTiUp1KhIK--L8TAyF0hF_WRXpQHy_2zCq96UuVV6hvbVF_aBx5pQjcJ1DKE4J0WrQD0OmaVc0qWdWz0nwp2a7ur9ldfulR4WYq-NKlpJfK8fCj7Uu0vI-RLRQ8KAaFlu_voYQOzr8THUqoqk9L0QK8npGDBOM5lYeHbb3xaDWvA5cpF8LUMCi0GuKtjLuVt4KRAc6H4zPYsXsE1b-SJtKWNQeClolW90uUUWW-g0x-OryLtL38Cb4FxNNCnkMGs54VGTHhHmFDCm2TMkTFLe5K4Pd17iyZJqay9pA_OxtLEiJivi9ZhSg3ANbg4Mn7tihTXnAP-GKsbrmurx2o7c1h1rzUy-R6kAhygcJAzPA390yCCuEuxEGsLU5n6_hMey7KaXdd38FyEpVm1vm5HfYWzSssTC7hAvfzip6VHiNLXW11wHYTQbOIHUKQeQHyAjQjfXsjxCZMw3Wg8b-2vl7QANPaSZt9A3Fd2PEsmWUtEsUg6Uq_7fFIggnLbtcJdV6Gf8Qta1wUpkx-C2GVyC1JhaSh2aEnhf5xl7zEzXWsKlTqoddJ1CiDNKT9U1iWimZh8C2Klbh8-MkBaQb3fw8vdwa8tQ3z11tOctIJuy9N29PfuhpUE613nA1RvPuG48dALh1_QE6U5rMlmziSfAM9mu9u5Fl79boK7DMhnhuYLmlbNBYqUfbcMNWUqVmPHev3H5krp7qhnZWLQei4FsjshAzux3lfFANCxFgDUuOY2F7p6F8yTBULw_g2XFc0CzBzHcCqhlRCTNkpthL9iXLYvrq0nq8doD0WK8XplfvnJ1n4yC_2EHfZ1fwCfK1MSsh0MOc6deVjaV_Mhnv9nzFSV2F7LumuSM0ORGihmS8m8UyMUHl6moxqMcqq0', 1795863363168),
	('01a221cc-3f3c-7083-9cad-d4bdea279b14', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3f22-716c-9bf0-23f868452363', '01a221cc-3f3c-7083-9cad-d4bdea279b14', '01a221cc-3f36-71a9-b79e-fbde79d19efc', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrND4XCzGC6Y7zqcKvK27Y7OvF-33xblOL2dP--15DhlarhZ6jstoXL3V7KwMhxUcjBCmKwqWHryJG83T3oCxF9lf12q8T-edRXHVDOd9LsVt2DO_Hfulku5jUqvSxLzx66T4ojE8V9cPujfTTt2K-aEBqgmwjeEyzBkvajei2HJX-BptIIbAhSHlPndwEnH_3UfyyOJ5A4C-ZspX6QI_HZ7Zq1D2m8zgugQa404NQTsP0JdszwxGht1NwqIxW4G67WFU3chtHYtbrmZTXPfXDveCDZWzk2X5kzTkqyZxBokplzdezkK5pNgBMS2VLUbT828DncR2d6SDsPP_rZDJ_deINxdIW9QtJdr5eEdKDikT16LfdGlRqTtc2M-FHRDsBtrs00dXR__JKdTNFnuKSzX5nw7JZTORgKmJHYAsvlM34FDJCmHcSZqX2AiQE9PI6Xxhg2qYSHsNTVOPp1fFQ2wZIsnW7YTU0uqgz8XromXTcDT3qkMNSTygYe66dFLH-WwB4H2KArlBl_QJZdpbwAhFOo0VvylZfYFoHigXwmoo8S3co4ARKxGRuDnicRFRKccMFfmbyxa5QoHGE9V4UrY4k5pRMGxvy6a2U_SaIUhsmds0MxMIKJCu2H0C1QdVtxBqGwKY3kvL3i1t2gDmcl6E5PFbnyxKPvTqiXC2Wc1BTfszwO1j7Gk1iBBAcLac8gOw6U05HYMgRWqv2Cg_aKQrO2GgvekmU692irH6Z5c577UbQGd-esU3g9CXuUHFMz8WBCzxF5MgC8OCJYukvZOTMYt_CKX_4YHqsZfSTROwwH8tLAEccMj1EPQvZo1aKr6g5ZNzDfN-0TwZsEGi61jpIDFso6BKG5nPa2cO68OEeSyFDBLyVgLEis_0HC1VQEx3iz3YhTdgmtMo4pyN0jxeGU-VdmszOCo-9NJJoUw_B1h8MVpaMJceah1EyRPnKbAsgwIikwl0tR2ZjCLw5k34aHSKOzh_8efakXcjZDmjJFJeEqmjHlhubROzKe_CrwDL1Ts_xuuNG1U9yNNIbTeTWa1veNSqYginfAPgGj0m_K1JgVhZeWqpSOId6n5ddwbNfMl1bsv6l-OZZipP86Rpw_8Xu1KlGTJUWayrCjZktSjrYRiUeIhYWkphogdn94nqRlHjQ47-9LsZ3DPxPizcdo-coPG314bRiMDaeGdsKODHgR1RZQ7KQ7xtGxR94EvltcSqMU34tTOzOa9lSBXaZHtsrfhzI0J12X9TVOY1usM_Kwvr6nxc1h9s73Hnt9R1W4XX4-Na-Gv3NB-dN6785MYezFqsneRax5c37l2DiACKjkG-3_xW_iofYeoklMIjY6mz8BDOJrAetGSQucPzKsaohsGyoPgVETIgFeSa_I=', 1795863363396),
	('01a221cc-3fb0-705f-a44e-fec4931949a5', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3fb0-7061-9247-99a48c854218', '01a221cc-3fb0-705f-a44e-fec4931949a5', '01a221cc-3fae-71e5-9e0a-4c1203bd5db8', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrNDqVahBp9dRGsqMwVhEXHtQlyRHKIk0zAiX8zJI-K2SHjuL1lecoFikGbFESCJKA6YL7aQ9eLCgwgrP4qMtNPqtWT3O9WBsYXCz7naOhCjM9bcopHqUJtG_7pOJV7ThS8VyLa-WcaaR2RtcPZFxyP9LQ9RXPXCgzrh-5B-9Bw02_P6YON3cs1S3eeEaGGvNwY_NZiAATXzfK1QyHZyk-bexeaWLNEKh8-qkB25q2s77vtVzbOC5M7z6X5OhE1wH67zbP7BC471YLKX5MQam6af8ENI7WIsdtt2Y8xozMRD-cDn9F0xhPvWcJHuQZD4IGNFwe1_9aBwD-w-nybjK1tTBbxFchcijfQIk-YlYXT_Zuv1bYfN4Di3fK28lswX1AXGsyhF30W6cNYG1ZlM6AuohvmkrWc_VynxJ_q0OiSojUi0mBzF50wOksxX3hkwNpZh5-UIsOglsUwuTRaIwzBHQyOOcBcMAc-P_TW4IsI2v1wxBHyRIgXk5AvrtZPy6WdLS_0J8vYzdNeKrZMQjTyiZ62DkRJH4j25Rj8i31Q0rbQhhLoY2WdeF_RY3KIIMG7QXMk5o34ETAxazux9-3N5Kv9-P-ONznqnTp_fRITMprHx30E7TxHFbR_cyaAgxj9rHyJvENVit-kyGOATpFAOgbmU--1reiKR_6XTjXcoNOukAumBp5JUXc5isui8cR_RCHoxExlFliBDyDOt0-tD0dhhcfHC9UDqChIM8gRlfI5jO0Vg5BXFJ7SX-aitIMYitB9XJ15Kqr-Ss1-0v8d1vahXYEwUxMz5OmWZqe33tUVAvAWvZ5FmDCsDb0efTzyxbQzmxHHCDfL264wsyuZhmw==', 1795863363519),
	('01a221cc-3d2e-73bb-a82c-d094719e1334', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3cf7-7195-8a79-122a1b8845e5', '01a221cc-3d2e-73bb-a82c-d094719e1334', '01a221cc-3d23-7286-8958-eccf9bdfe128', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNCvKc0bSEyxYHIuJqeiDe5YRs4zArqJ9_T86TrZyCFY4lE3AsDxuWuWykL67FDJnii_nzsOOTefaKoT4RjJeedMUI4orvPe68sfJNkS8HKI_yqAy5bDQ9gDbgoaZYs5GW7iNRa0qvWGPpiToyZqbv2X4_TYaDDjD63ICRZIKX5kV-ObHLq2Xu0o6HAaMFMS_CA02PvQ-4m1agCKV8QJHm9fr0gedBsEKFNYLhJ_zwgD7JBiYyp7zf-dvvVcc3xn61SabiYdouzKLv7EgTdUi9xzKR9uk_ufjWotSeeCT6SfUjO_VyHIhHiwrmoCIeA7_zlfiVOxCa-ZT-UJZ1Ia6SYI5Qfh7KE5GXfQ9FhMQo-9gvTv3QvwvZ76_RpO7Ohgcn0iZbnqeUa8GvlajEByRmPbYyp8I9Y1JGbHMb8Rr29XDOzyDiVjI03kYLC7WadiYeTx7vNu05QiphXj3YacgV3gdZSQWxbvCNfgZhTP9SSIArprd4iMazc2g6EWYtnoWrR4s00XebEWBjfflOfyrTiR-RlIfWH2-6aKcsOwIrCerjukL0pbMecVOWDkeyFyiy3Y0mIvwyx0kwzsM7S3TSCAWVFwL3grutzh5pKo0OCcVK-cUOTcS5pwbwAL5415AyGzBVYpOjUdys0qovOXYEL-3rbch89ryNXbWpq_ZAFz7_FDmoXaxVd3sRLE-SREgouGt3bnU7SmxWG45lv39rNS-WBmiPlsHY-0JHspzudYiN6PA0_C8Zlmq9yKn6MvYTZHEcv6xo2SfjX_cD6lzldC9GBBvZ0QzIAGcNdy_1jCK_EOab7xbagRrYzpyJ9eR8xyxkJ-U7Ucf4NONfT4-R-bvdV0JBNek1sEUYDdqwgO_fS4L9EB5hh15mELtyCth0AJc68HR2-jR9yvSQM103n54ALjVdh-1UjSxyqRgnbuneWwfRoIgNhErqYVlgWq5O5--k7Fx8gaXryEKbykitBH0vk9CZqXA4leEYj09k0UQVB9G60HsKP0nMsNYFLzHvAL7mXfd94aZnyYbGsMf7CyO--mxVkg31RO8O0QSgjqqU=', 1795863362872),
	('01a221cc-3ddd-71af-8ce0-77f9f4a4f435', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3dde-727e-a685-16750b8bc01a', '01a221cc-3ddd-71af-8ce0-77f9f4a4f435', '01a221cc-3ddb-722a-bb19-c274e18f3b60', 'openai', 'scripted', 7, 2, 38, 1, 2, 'complete', NULL, 'gAAAAABrCrNDvLcdpftEZ2xfRZqvzKIKphw3HCxOJzY6QGulXf1ZrgKl0p8iWqd7TRi_W7AwZLTKa2_-GFO8544qmk6a1IiroPGfjmrk5kdRu3E2-lg_4RDlD-aP_UCYr8ip_-cvBK-MbsOUHBuDC0lV4GRWhV6S6Uvzym9soMxk-aTw0HatLCA9qyV9aNYGiLf7TQWRepBqh6W2WRYQAgzg4e-AOe2JfxkMNZqXlG_chGloR0clFmHkzUqVU0MnFug34huwPwYCJ2D94zm0Ss0gGH90O7yWNkpHA6bPC2gPj4wqTORQnw0CLFGV3vn2qzaAYEHeuUbEau8r80DHNpYUEGs30fAKSh4VmibzDaduHf8oWDudxkX95mls2IfOYQ_vIUq0zl4uymUqo5y-Hv14w9obprUBq6rD6QoRuVtviehjkl-0zZcyb6hPl2RjEIiFp7wSfOQnKLERpml8xd5YuhjPqNswA2--Ovmp0PUaGk6qCTHvkHiNd67KcYHqCaoGtImdKjKzMCrXLeMEbCM4xH57aazefDQRf6LiW8do7V9SSB257jtxsfEpp7seqgRqcNiE-SE8xK-e52tO0aLc78dkFBxdrnZoSuJ-AtejxCWfQXAvZuwEXM_0D9ce-9MgO5bcbEHmn_hRQhBntAWQ9RNX85LkxH5AklWNmVLfnq-NrT9x7t30pikk9wt67MZYyczk8oiFQDcyM5zkUbd3BbQYFoZyPq24E3Ne6CIzOea_3OqOs63KSq0_XP7TQr9QSBtR-DdIa71QHXf-Gz7MkYAw6HGTJAYwLSK4Q1PtEhYHu3WWG8w=', 1795863363060),
	('01a221cc-3e98-723d-97f3-2f6020c6313a', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-3e7d-711d-b42e-a610615f3c71', '01a221cc-3e98-723d-97f3-2f6020c6313a', '01a221cc-3e8e-72be-8f43-abb7fcce603d', 'openai', 'scripted', 7, 1, 28, 4, 4, 'complete', NULL, 'gAAAAABrCrNDqmv-xCpkeW3FuZpGcdS9nbxGYgcsS_pfMCo1mbCJJfsR_w8_AFhT43bqjIhOtntCcNv0-HFnBJ9vTqVrrzQNUmaaxvRSU9IuMEi2LKCCVLmxRhcLwiZU7at-PIMU2j3q9gVcyqfCpbNbiSGmPmKmcTLJKKTlwpk7hI8onRN_0oVPaXjY4LwjLcyNiJjMRUIMQmeO-0L1_P9EZ29S08jd6lI5XuGIdbbf4rmJJWXSLo9vBs-qJXld0awfBU0BS7Hg4BTYmdU_Mu_D8dYv1NJakaxFgxrGf21xVUh5JgzL1ZP80abgchgPKz729Fg3N8cOB5kYYyw0YHwZIk_tuySQF_8fI48uRfh9FK2rL6bgS44oEzNd4auIC82WQwto4YnH3c4acwkzTFdhRMjf7OA-VoCvDjqvqSbhbp3y9lbjrPmNxTCjnZpq8puLtar3b4WJlYEm3nQITDlXfD-mZsMMMLXMf7tcCQCW9guldTmi96UFJeLaSvDqoXtsuMWAdbjaOf6SFVO4PSVZv780iS1WfW-baxb84kOg94sunQh46hVd2nWgpFtJ72fGb6MC8LiWUuTx26ZnPdiyMzwNZKNOfaqiNSqjgTkenYFSNrUSi1-DlU9pa5XvVLBxq6fsjIMYL55SxN37cdER85ikEVwsmx2d28E06ZhVAg2L3Tvjv0m36134t3VvI7j_uNRAOvwt5HV1p98m5OnQ7uVGOTvGO7NvMK00mFexk9VbSappN_-EKJ1IrwEHb3pDxtxSH3_D49WZNU5sTSt24Hybf4oWIPHFS4JrtNsemQL15I-F41cvX9UezTwpPpYcFZr6TbNHOJIvemo3mZH9MTTXiKQiwyxmAwEV-INnzRz_zoZQfY1HFyJbeur0jDYmjuRVJtqyZkMAv4yFXiXQBtJPXSNlTx31eCchq90n4PkhNlsdpvBFY_qoUjJr00_8AVBdNZWjn6tREdySmSf2OtoSr3FEcg3t3iTcauSOgQCe1GhqwUD46oOpKaxG1lVEdWKEtJwibX7DODAfFUdzMVJu-FiTeVT1rOIpMl9qHLd0sxdn5kX7AqvlNsHqPXnaHfZdIiA7fVGgQSIUrVwMb_MXnCC6yrq9_nHjPXsJaSMNDrDpChoxJ7a3xTLKMEDwkOEKYCIlY5D2RKPavWiKIPKIxUbp07I3spo3BMlLfLfDfZ9vghFXsoAmTDcV4Qr9T-TrbSXd6iRHnhtg9Gel13IvOtORpCMIqKTz0qNO8tPNNgefptBj22mUuZF9myNC-wXZpL_87WWMM8TQ2BxOER7MJUyAaqLOJnInXwVtTNM2OhZj4bob-5LLDXGFMVT43b0Son-FQCFmNMzWbsjSWmw2W3LzpWNXY_4NF7laWm3ZpwEaGe2I9drZsjXY0IBZPq-MQNCGj2e_gz3kScbubS7WoSPaeuBlbNSDhcl19oiIBZ0WG9c=', 1795863363232),
	('01a221cc-3fe5-7161-ab55-39065fcf8884', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3fb0-7061-9247-99a48c854218', '01a221cc-3fe5-7161-ab55-39065fcf8884', '01a221cc-3fe2-70f5-932c-5c2ee3866999', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNDSbM42153mPvT3S4SQlkauUqeVqUgQPnMJ1tuDn8oWuJq6rXHU8yq3RSegLNwwFcS4IfOocJOQI6IFU0PkGROOwQKpH7ifuSOUjRpY8rz24URW6gysNCsHtURj_O8w9RTPRj5sDNeffeubdep6x23eYIsZHUTgn9e_HKXiOEI5eK1D0KHCRs6jtereSQu6PY_TNeJvCe6w1n8tePPaMYt1MpkraQYuzpRjGR4djWCNhdtAGyqPKNxt5ZLaPnx1cj_8saXN01PuAiPSIfp8MU1jTmZd2KBVFCno_iOIoshOFDUr34YO643BOOmthSynPP4Sz2-IVvHBW21gXlWCdi7QjfVXTHNdgl6nUb7gQFmufkDvP2XCbcE9_s3tR3-pKeqV9h6u4__OzLp1Q9lPQqljZMr96Z7cdxj8Czb4IvfZ8qrJMUfudvmU8h4oJVIflJig5bY59Os6-ndyImVFKU_7dK5ai-dQBIX1Xt5Ey5UgnmZp-8CiDA5xdWKoPeuokJYq1ufYDImGPnA_X8hE3KNkEW87vEMJpoYnMBqroa5hUFJVTNmC9L-5oTA4iR95aSMk38qbEMT7lTDJ7uyppA_5svEw8LUCdw1z-Oeylbjz0wKib9cxlSCpbdRBHKl9kQt8edA9OYGt7Hsg70CgNovnECXnY03j2yghaJVX_XzHDtSAwo_MweaLC6XtwUfyauw5KAYWBP8aBTy_ulDKvQ5v4YY7GUUJeFCvQDenQAvxVZHXLYHOIz4gPVdbuczantwIC67W6dxGjdqYsnENKgDG2mQYNz6NwcK5D163u9gAxVh7t6vi3L9O90jgoD7QN9Tc-Ds08AniYJK4AQdjtN2kw==', 1795863363565),
	('01a221cc-3d71-7053-a863-3f59dd56d2c6', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3d4e-70f9-82e8-63837966a58a', '01a221cc-3d71-7053-a863-3f59dd56d2c6', '01a221cc-3d67-72a9-958d-86a1141f067f', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNCe4lSmuptgKefgeHRQW5m5d170_Y1QTa0f4sutegbTMeYsxYq0_iCxZbpDH26m-Q-UskTmdPtfPytcTjkNACo-W5Roag9Dcbu59mNqHCIDkSNojT7s-LotqrOLUVs3Xku81hDrWrH-wSYKbaqHYJFpgc7wsS1Hj8KyNn68fN29D1RDHsoXpCGGCD8IGmQjb0x5HNuzZjwRAS-Q-rM6TxzuycXUzTzlifhj5bbDTLUgPNcQnGa_VfLTb4BzfUsyqUAhAlCGVJ5tzOlb3r3_8Os5yKkxwZ5VU2Mya6e3xLv4QGcclBWEOGm5CWKoJR7nL8tbAzdL60ljcniQE1Q-hxaYuvT1SrwN4jkfRjxkcZqsQWAqyWKmhCJA5816K_pJkK_sBtwVovxJWC7WefaC73DsI8dddfKrBXBs4iu3CGnMR7mFMoSN3-pAz2AuM5DbNCtYMC88BpZ3f7roYFFg3_zis9OzxUmOIoOilI82rTYIbltr5gKjxJVUIDYZ5jf4gRyEQKbMEBULGGkwvXb9inIMKZXRJGmmWC4XSr8Fli2Cny9MvJCT8PTNq7xAyt6c-CmvAldlqzd0JWKAAsLnzdYOevH14MDNsu40lApILZE_IKhF-hA2i2jN05bEYPhGaX1GdxGFBBgulCN2ZBxkCltI0AFcVKe2mdohp0NXL3gVCYNsHULZ47Af-n9xz8SrDp4nCP3wDlviFmXwesSpYais6l1RxykqEuAZW5m5dSTzQ-Sm_3CprODmP-XpaucW4lPrU1hmCe_mbpyYPBnS8kbN9vebvk1EwpBsKqcWICHrtNkCvDg8yaEY76Ih17aX7qJ7FbRNIS1b9pQjKjCou7DyBC3h3oz8KZ2aI-KcYqMxEq-WUxxRDV8d5jV4LDBQ__Z', 1795863362944),
	('01a221cc-3e2d-71db-8bdd-d45e660e097a', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-3e2d-71dd-b4f7-410c37810525', '01a221cc-3e2d-71db-8bdd-d45e660e097a', '01a221cc-3e2a-7194-abdc-9ad278e47b31', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrNDF9LjR_nJlyWYZba-d-e3kXk4l1Amdjkv6W0C0LnmES7PGouDAOaoKM5nwGGA_6s3_np4jcGFm6hlsqgdIqnV-FFWj0aphusS4FWLECuOyqcRtxz_ucdqJvFDq3vTvU6motOnjaIy4jlpAil-TVkg2tVg6k94ffdDMNXxcg9nzAixYy5dNz-WLOSmdiC4bY1DRmLMkxOQtHKpUWPTf_TnkSWoEmnBWOcUzzD50U-UegHS-5YCUIX79OvZZhBJHX5EdLD479igijU1iDSKkYQ6cR-PXuHIDr1H3YdIxhQuc0sZwU4kPt7i8zeRbUp-Rj6yBylKBGxM3MwlUSFiBqxflZIDhIExm0N3CAmcmqW8qVTz9fGHk9IgZ0su_wQw1z8djcabb3qCIqygtjhPddG56gVM3jjRolJ2r2LnKOAOQt9F2BDSj8aHZZgxI_F9GD7UkA1hwAFbYPGqKImQDTt7rMv9RYDWrpOLEOhUE326Z8Yh6Fid6rgYkdzfVM4049RTjRBLxxQXHHZiQKsLOXzgk9x-cD8SOMajUzujRl6FJsUrQ2PO3Z5R8ITDgkFXMFjS20kW3kDpb8L7XUtq4jNkpwW9YEb_V3In_mAK8tBHgpQQbQbomFLcAf0igFaqMfjamcplS_FexHRY7jmpYse_4KFSxlhB_bHcS29il0fwZCEZtl6YjUlmD3QCiI7xzfM6K5LtpRllCJwpKG5De_qVdF4lnh_m2FrwYNU-N9TcAsodeBVE-FhCTsskON_Zpl4CpocznAIunoZSBnR3YIeog7yNm_h32gfUmZB6Ef7uJMjIW9Jdp2ykCkGuummqQKjXIjnIfBMrvdjTdjC6f99xBIOLtg19DD4-6bMwMjUY3iuzTomQc6_D2YYk-BeaSIWJKxMie5Hs0gnRw1FAfR7mFkfiX1xI-Pha8UHvgABhfzGXLF62GRX8_b7shhEd0hnJUZHQWs5vtLr3xfJ__bWErPHzRR2vpeiybXSE8PsoaN9KLkGDtmrEUnusXEnJ9WcFCSnDNW_88ZXTqwgeCSyk4ZoIu2WS-_EuzU0fr2u-7KASXyRe2rDoHQo29VFdbgsCDJufEeLFaUpVrR6QmSnCo5jftnaPykyTlzZ5CnN9Il8azsy1JRH7_cU-JrJooQxDVGLNz9BNHf4ADXMC2l83Zq-HXMm2-Rgnm6GZQyWq_4Vgb9CyLNyADqwgfaI-YUnZMGX-dnlDpAsn3KXTbJQXxET1T-zDCt4dbyPTBXe96VgTiNB_cqercZD-LSb6B6Sd41cod44gcP9goT_xGMioJMoDxG98rzjinjQh2Bj_0i6vAohB0e86s7rX_NyXb_PVT79d6U18IeDyP28dlLrJC_XxIy_4SfBhbsfKKwdpqa7QeZ5rG_G4FsfjiZ8DsmDK', 1795863363128),
	('01a221cc-3edd-7027-922b-81d232227a0b', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3eb2-7343-b310-4e785b8162f7', '01a221cc-3edd-7027-922b-81d232227a0b', '01a221cc-3ed6-734c-a48d-9dfff4d680a2', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNDYG-MNE_qDr2TMmiOoefyYC44BC0aVTWCVZVhilMgcZx5y3SGZikwLomXQCF8XLvdLrAomkUKmcq6MUEIo7e_5_wCxxysBl6ED9m_OHxs2PxAATM1S2EpoQMc6MILUu0WBiW5AIrwDPhvFQXVSemEETcqkW9n2iYWUd367rV7i9X9Qpdi3IReevLIwPT350M1txiRWWj6EOnr714QeuMlxC92Ox51NKdRjMu1oPi4BTklnz03bcm2JbYnF5Yd-SEuRHHvv_LG9Ibmzb3fcmpT4oLV2-8xlG5xW5CntrnBPn6hhLe0d6gtdXPqUmaObvwLwrw15h6BFL0BIN2Cs1NDdl_LdwHTye0pASt7aadu2dIxlZli5R84PgjxIcAuvSnT6qcentZHXiRG3KkrzQFF3ZYsw50FW4xSkaafPP-0WoPZaO0Z3WLyN13I6bORxKp4ivzlSLeZVxIvLBWq8rYnSGaYiTe_VQmg1PDk04J-Z2O4ppd1UhS1wCKlept0vFrlik5OcCF9Mb_dHxNvWp53Y3wQ2qaTFuQX8XAosevmb5RXffXk-52KXnsNM0VjP7keKll-bTXiOtsHG_tPC-2RuLPJCAZ-mkF-cV6LjuTcAYAWMHK1a7wA1ksy8bg7P93YEeLC-yyj6WS3XQ7bc7PP6IJl23UuQGbiXQdFTSO29nS3K5d3ehEOTefATQO-lls4LTRBgZHc0pa4VUIKCAr4KR3clUsX-UKBYLmMlnBaMv_36Z1NPyKMR9GKqP7G3XsiZgzj3XzxYbr0A9_Rl7pslhBJuLgW7ktUJyVDWdvkbu91NIQAvDAZ2UMduwbY2mN1g1nC4u2W75VeOup87hcMx0KjvwBL2EZvNIjQJndvygCEGi0iPM1yC65-SL1sqD3U2YA65HH84xyz5BIDNIZEmrcjb8Rt81nmU-fCfX7H1YKGmUrLO1gk48osMtfpARCi7sHckeaDsyhGFvIvNRifSgjdEpYD9mE8y-uZUQmkDtaFXWeySrt0ibYUTppKD816nnzi_85hbXQAbj9Hs6n_BODAUXGnDWML6lvccyuS9hWajV5ZuQ0OdLJpBBZQ3FbH6wExIjlWNoDnosbIjJlhndK4RcLUtlV-Ewwg_V-yv-Bs-_nF-40F5zoSyFU523CSQb0qM7ofKR6CMes-bpPF7tP89URFGGpdnCjycbeh35uly0ilGo6uQMQoIloxPTURRe4iQ3a6xG-VuVEyl2tL4O_ty_sRqTVWXr39GI0CSVS-x0n2g_fIYrkwMXq_1Qsf6FyhdHtcyxvrThtS7PXYfTKvBABf98wuBJrbNn-YKkympsgS1bnOWamxQVFvsbdTB5VujjEjPfnEkzF9Ex5EVQjIy5xPl85dZHtKO0yqOO0i7wucLxtW5LOdK9brSRMLbnpHM1Br6WbU01y6uH3NeT-_Id3JJSlU5nUQUnt7tO7xTrDJVUaMh7aqq1SjbOnttmZs6EVSVxiiuMXc1J27br7kqdXuM2tDmK5NHy7JLd-rqdSxHXJZ2qk1L_VmbW1rYsZhniofFIztorRwXyBt5y8bvWq8RiuS_pGAGJs3vvOGPtmC8C7phnrz_24hRCAmL8XweHb7G9nAUq8MOl4nE_z8fLELC2j1ZbG2hXJMNUQD5mbIpqwQQXoc-6IA_Y_0', 1795863363297),
	('01a221cc-3f69-71c1-9e98-3f6f4f1c27a8', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-3f56-73a5-9e45-0bf5e5c15c2e', '01a221cc-3f69-71c1-9e98-3f6f4f1c27a8', '01a221cc-3f62-71ac-9216-c7bf5965309f', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrND9jjrm5Ws5eDKYoCl7qzOBZ7Qju2ZHK9QI4jw1YwB9GeUT8u0B0PprIZzu4duKIy3fp2TWT0EH-lvJ_gDslorDGznVTN4RKCdMF5QF3zT9KctI2xQGXiiexPbJm_1d-JR3_vr7OIEBQkAyn-20ki6yfObT8EnG9H5F7ql7UMkfUAjzZSSfgRqbvliibtHfqpImQvNuZYuzGE9KVzCGPRrFqRYYfgiPC0t6xEX6w8x-GyiQYQfjAwYvAns1Q47vPAW7UtOQgOm-FE-sjcqmpaTqRBVtdWm780Gh0ZnghNEgU_KArBAjthXLMedk9IiEERNQ6uQeWXHwSdhGRpHq4ztAmOuy0r3QmPFKQfwPPtsIwhJyRkYi-KmiiBGeki8LuFPfydZGaGa1ZOAg0Agkqx_dMgTpQru1WyfX95Ama_r1iKmfC2_WTmHOjbWuBlBgI5WmS36skrIPrOE55r7aV1vv9cV0z2HNSQ6FDR2GvQ5G0Lokvtaxj1j7WujKpT_t1saDCnK7HtqWM6KnpM8qa6HjTE5UH7mpfyQWMPCDGpYTSphRyfURmGVRLtoNb1PakyMtULINFPq-o6SLDkOZ_f-9xT9GyvQkvXP3rXgnWuGi18=', 1795863363436),
	('01a221cc-4036-7103-a3e2-177c24529cec', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-4036-7105-b603-bebedab4c171', '01a221cc-4036-7103-a3e2-177c24529cec', '01a221cc-4033-700c-abf0-87e2746527cc', 'openai', 'scripted', 7, 2, 38, 4, 4, 'complete', NULL, 'gAAAAABrCrNDmG-SxhShFtW500kJh-3FlYRlEHS5ZicCIOXESlyrO7V99p7uaDn5_sfh5KjMufi0NNnxNdbGybxFMfeRmp1i40DFUrakKuQgKhQfdNKL9kN0yNL4MKj52fqOy0HsFD6SRysMhMv09EvRC6xBEonAHkLnt4cDKFKZRdmvtUxHS5hDWcx266CgoNetR3H7mXpvJDc2ruzNWv6xofI9y6WorlpUO1IRsE32vCeloi0u-ESS0RtM4jNQTU-ZO4_BH852P7rnJS5oEE3-hxCZkdS49fFh0ek544Fcm1Oxiw9ZHCUDcMpZShRyQbT7md1_bMD_Hx3e2n2YzqnERqLh0dEIQ554cXW8Q4N_k4F41bcfHl_iOdwX2Q7ncnHDa2yP2IUva0B1egvUknz2-iVyxOlKMw4N1BZAFup878-4T6h1eEePIp_I5b8RoUx1i9XGRPJSJUV6UBzYCSg78cPgT6SzMKYVrFg46ezC52uNDwudZ7Ord9H5S1wIzEHFPWrlO4d6-1eWruDToJ2L81EXWCvy_js1fl1rRP1D229aq5WPDrTzPPZ90sitsHarC5lztR-TE3iu0tic56YD8aHxKacFWNQn0p_K8PRavtdxOHlDWk4UE45qyOW89XsqwfFOHtsswh7dOoWp4p7lrQMcmncrPBK2OSYWJvDBSo4B-CWAdG7RzMyrLksO708bf-hzZ7JGTnipn9VvzXzo_bZTIcjcD2S_yWPyyKzU7-rMXbuUPvqO2KqEVPACFQZPAC_X3GhG--6yZdNABDWHwHybJwlYDaYLfKi04WU7ghY5jIjA3lNJo2r4lzOEtgLaH70nTnGfS85snu-jbFEV5WzzGPPkx0845_KxR8f5jM5CaxCLMpRtvsuTDYUl2qNE1tY655_59lgOPY45ydvLA-K2N3WFR_h86U3Ef61POg8y4plODYmGDuApNRhXBGI601JEEhYYgvl9KMq9nknT6cuvj4RYlP8zh20hUFayQd-lU97OoGxgTvxparEhJ2-cZt8tEDtOnA8GeLeq1LgudzS2D8u2FSL-aHwjLKTt4Ieb-ThI4G5mG-uE9emsqoOrHZ6mJuF8AYegT96EcXTwRHawgCMbDA8cUek-OSJEciglHXsJXVdyLMiPtxnNFRMw9sBtGsNIfSEwmkG5dmwP4KSmNBc9MSbFWxqqjC0dlupPr5BgqwERPt3xWpkNxrPNGUfq0zxxWIh18GfTUzXqKT83ObwV_zVlfJnwwD0rAegrdYAzC5QO1Vflx3akb-BU6IC3w3rkXTo9PHBTMuB_J7nqYxhl0Z9p_FToH73xP2CFYMpsbBGwICJW9K0os4x9GmRGfVxWCbcwchWr1egaFUcPS1kYgw==', 1795863363648),
	('01a221cc-40c0-70c7-b992-03140e614222', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-40c0-70c9-b583-2b63779d590e', '01a221cc-40c0-70c7-b992-03140e614222', '01a221cc-40be-71b5-a6cf-42d70ab1f2bc', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrNDB7U1CNzCEr5wBMbcFDMuyUJC89gQ8a5hEnCLuHwluQfaXMmtDAHynddTwWVFnlPwIbtGpFoCje6NsBZilhtRwg4yU5hiPTFD_VGxAL2usCuObVGeiLtl71TOkjBtGRNRbwTBmrJbqkWy-sxeM--Fttn5iLQHv6NXe_Bstpc8SIiurZV2Yd7w9G2qDYc_qTWwaVhsWQ7RnVsGPB5K_P9AND2-q7sT74tMxHOACEtNzg_NZtPKcHiem81QNSrTkKNIU1SvS72V9eGwnP4Fjn9fR2d1bzCCscOUyjHL0QSX4-3cfu8bWeNu_Nljlv6C6uQJf9MG-8fGpxNYZfznLDNZLxf1DWnXHuRbu1JlrLpvY8ro0Bn8LsTo4Q56irXxrtzo2Gyvi7AdfEsLO0f1ZLBlwV8b4owfApFEj8Jer7pXPJ-j2aG2Z2f0ftKgxS7JRsixk2hjf57GoEAiYT0fvzLfKqcYB3T9y6TxsitaaPTUukQInQDl9WGNe35Q4aC-SWDZIygTvY7wJDvBXo_b6VQUE2V5_aHGD5HsnjV24mNn0MSpPhv96gaRGpuuY0dMcZyyWY3RDs9hDFmcc1Ndhiew9no8rxvjYB0yf-7U-9bLFxBiotisObqdny7d4EnIf2ofUqdTJrrN9gGGk6FhewGpPaTEpDJpQ4QZ8xZErzq1nYRGSKH95sbV5Yw9iYe3Pzmfn0SiCS66pCiA7eMLu_lzS-F9Zr0Cpwg9eVfCQ3g2k5TtUik83DqL_4srFipFbQF-Adaq1raNg3NzziAD8Sl8jJbcvwlDE9b7h0-PtTy9JbyKae5eZErrYz-cub94cfjUTb-FgpneHHNuxodydGom4RJO5A94he4hL8nIUN9Vz98_wcR5H9csTpVj2wWwBHop', 1795863363780),
	('01a221cc-3e7c-73dc-ba66-8999fda2d255', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-3e7d-711d-b42e-a610615f3c71', '01a221cc-3e7c-73dc-ba66-8999fda2d255', '01a221cc-3e73-70aa-ab80-69a64ba4837a', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrNDeh4Nj8XBcNF_uwKqcpZz8ATNQeT1CeKcS1-ZjHBRLpMioDpoiI7RTCJZfY8qwX7KOpQ0BgJabq_NImQizrmib0XrTy_yBv5xPN9KNOCBT8i0vsbzoJj0Rp2rvr4U46yBMmVTDz4fGjSHmAK2W8QjJICV6lA1P8FDX7OVVMgkA2Y-rnF0cn7_ybVICTW_YoZIBD9x4YBTciB71WGwu9e4jlIyHvzSuuwmIy7nGVgjM1l6OOpebDMiMina-M3OSe0m70V9KThMJ9q0SOUTfyiX7ca8HDYS2oo_ONu1Tqn7gfv-h8Cc4WggOX4GswaThlUBqS9_bsH3YEFNJHirS5Nhu8lfweqoIXqAc1j75FWZtmTQgKps7AXNmYa3om74OXravGd_qKKWOuXIB_is5gFnMYoQMhfVYosFHi7xCu1qpeXiWCxZoyJfhs12QK_AiGquaeZRpL0Rh7OUGkxErfAgU0itb2mMrsPaFn1KgId5GvuZ7o8-im_NmsrSPUjrn6vYCH9ZI2_LWrZCl5ZhY_xUjGf5Az_FPoDshfZlIQlwwAY2ru3cnGnB2_tQuZI2_rcDbyIQiWx87ePaAPRXN9NwU_hLi0fe5CKxOEnf4Q3clgdLtCL7C3VPAewBCFoucVM2kzJAr0PEIgRGPyx1kL3ZxLTNywORkewGIerP8wiu4SnEyl_oDvFI-68Csg8PkRReUQGDVt05O2r3emadoGPV-c8VjGEhJ6tHgduH79NxVGu72KJEClHDMLdCgEZD2Kqi-vLmhEutppMXN1EeNHa906FCyaNgqJ-ou7d7x90WAmJcf3ZhtMvk-ZSpoPoY0r9pv5VzyxHkZ1sv4AJ1LwkV8C65ETtHQ3gv29XYFzwBVwKn3NT-js9rsVG_nGk83U1ZKy5JFaPPFB8xanitWioUX5162l5l9LDhr1_Heubrvt8LeEvm4d98DRak2JUhHwaJikVJgNZiGJSnCX1Tqtn1ccjgZrVsgHwHO86ftX4dqToyzmbNxt4nxO8pi1rN-k66vSjjD7ZEou-5YW79cXt4wUNfuhqfET14Ze-nqpa8wNyWYZCBDA630wFgMxMiGIHruzuE3DndBnFnujsRPWPk8ctgTB0Zbwx-tgFKCEPQVqUEeOuuCgs6Ni-q9srz2oiH5r_Q8eiY0OZDpyLTaPPVC8MK2DUJ-9oe2ToqvHyIkL80xdja0oZvqUf0w0WHb216_gpiNPfRAZIznDp3p-G4inkq_37JBCltb4GiA0JDflwnzaV_Lf0vTqWUj3sHEOQbdWncLr_OF01iQgRFh8mXeMw_NLCMsHFgMZKDP8zH7JwnRVbFGNcc6bv0mbsjuNnbtgomapaCKUG-G55dbSTKGn9lUWKz2iM5SukBruhSBmO1JZqO7t6bxY8wi2ggqoxIIU0UFbrhHfBkjRvFc6r8GLVowWCJMEGACk5-3NxcXcE=', 1795863363203),
	('01a221cc-3f92-7178-9834-585030729aaf', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-3f75-70c9-b139-1bf45ef0f948', '01a221cc-3f92-7178-9834-585030729aaf', '01a221cc-3f8e-7163-b03d-9bb06fb891d2', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNDf-fh3mBqnMoBEGVmAqgvYMr3HhNgQXgbvBMp0edflapzaL-Mb1v6UmqM7-zSM1a5DmLjGCSiymuCoRl5YiwCsaTHx6sr5bBSCUVq8ClQ1sOMIta698rAnaW_wHhLF33dIG1yLOmsyEND96E71jKsfTlTWHUNzmGu3q_P9HPlwHNBeqaZaeAXhgiVlpam6t_c8-2YUOYD5tGu2k5NCTNTLJulGb27gWDyiTlWq0aerXVRibP10wNV3PptXqZ33U-80PPQEPjT-UoYy-g3S2RGsurQn0iiTvGbr6iIiBl8ejGUZ8GILPWrGod_Z8B_5-VLC8roWT4J_HgxE0lohfnB6JMe8kBv536z4oZ0PH50vclST-2y8NRbbI48SA2GNMxC02TFvEcR-XHozdxhFNVcuccnfw72qUPz11tEaK0i4XMLA713RrL45nka6ObmmQClCqRr9CI92Jqw78xjS82YG6Ld6qimnxbH2x59X5sLqeLllkVlZAsqNdFrg_tb-yYcD9Z4fWKNOpL-4jQ0wMtk1N0a-7lALVqj1pWHDAI62xLqV-tM0oqC_SN6wSUwuaeFEa8OO8O6y_42xc-yZzn8YQjVgyX8ht2AUAej0TzwYaMOXBgVIKHFdL-ppxhUOswj', 1795863363480),
	('01a221cc-40ad-72d6-beda-d294a8bf9a02', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-34d3-736d-b781-b6746315f6e8', NULL, NULL, '01a221cc-4085-72a1-a008-2a443036b114', '01a221cc-40ad-72d6-beda-d294a8bf9a02', '01a221cc-409d-7158-9685-9736f60f94ef', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrND573Q1_RrebkEefxl5aSvVR8z1A9bFW94qImgN4ACaMczo3l5LcDUaZEE4Q8yeQCYSKVO64SDTCk0He7wK-25NnVqDzmz0NEakNhK5Huawd0c6oop2_L8LIaB0Zr1BH-iuIR1ugKG1xhjie3YZ-TBVpsH1gLZpKGkA4_hJAyhda_YYcj8DpXXRKt0C67vQ01LsG3zats9ToqIxL2tldQiA-hz0qddfRTxArl0Ewk3WCyw_wXNbk_pALrVIGIgf7mYIgSGw23gZsXj3imz_T0GJAAro_gJRKbQ7jw22yTmsa8JGSKneI4jkPjlxU3uzPyZJ-v_NsX7nNslWajRBqln5GyPuyNTIRlFnKhnoEnjefvCAfwF7bIN2tWNkIcr_Y2fOKn0S7fjAJXAEL7FZPeaTLQojH8OjlEn83i0i7gksCo4tHsoCg-8Yj290Iwmy7GVwB9I330YUcMQqvU11oAVVtsAihl5CU0irNG1t21iiv-_WRipxwDufwok3HhTJSQ_t2j4zHZ2JRzSwddT0jsQMWKQBRUjtgK7kmfio7PTkHqzigNYtOK0f5SBo_R3Rl5QxSc7hSoGPNmhl5Y5p0bf2sQhoN_K_9pXBcUTxWEsg52D1sHFVW4UJJs75KcKEa074SNy6NNcNw_LFhy7zLzhBrTHS79cJxtRxBxqkXVFLIp2CseJmH29wIAevKAskUp951kYqg4F3a6ydBgq46SvQkJmr9yQcL4gyqES2908gA5W9nZNOWgPsYI4nePQHMreWtH9id9hxYp-9_0Pip4ncAJWi7UK1tYeHzTFdUUUUKU5UyYYj7pozPjQS_3z5CYaaj_cY8S_5442KrooxFirHo6QEIvJw0yeISU5lzwpOoDzwEp89_zVC9MsfdMFNo4RsfN8CvhddHYXvtvDujHYkllowPZU2swTC12FqqKZIJJuGdu_F0ml09RC7XoGuuTMSS91UJROQ06qBPv35aaZ1_nQcbtJoCXmkLT45HRzv4B4fuE1tz74o2kt0IhVUcaL', 1795863363764),
	('01a221cc-4120-705e-a213-4c71874aaa34', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-40fe-72a5-a71b-3c8c354df53f', '01a221cc-4120-705e-a213-4c71874aaa34', '01a221cc-4117-7056-8f51-8f5514e8e262', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrND3t3vSo8tcUg-MtPxjE2ggLtxjMi3elSmFs6ghmxkLjE_w2QbxltOWwIoRA5tJ6YUSl3ht44ouWDpowrTJ4sDwE7st_Xp9VzVr2aDVhxCTvE_MfzbBuxdhCNXjkQ-Inm6rRvvdTvRhqcjmlzPLrrqRLZaYMRVzYbMkCcwBv17mYABIWalMunzCVouJ318X-xDQMuctJWnO5Z2YeyMr-pivADCO5bH6LA8Ydd2ojlaV5LLJ6bWUHR0Wga8fOs5NwOodgpXvSBWYaLIdkLtvrJHpQNZOLWA64PrZ3CMtHWUTaM3s1YQvG1mKUvHXF7rShQ4OiZ7AezersTbDuAJJkdsjRvc6YrdY_cPyJNN9G3IcF0qfHITrwg96JrhtYQol6haf2YEK6qYeB8QgKefWjmHZI6MDT2JzHpsd1Kv7fHMqv4tMtKecKi-9gQjt1SP0oSt5DmdvkEUvYOHl1ek-f_v09xiFk8RIXL7Dkt1XBdd3e33SHtwuBqE0Mx4AvPnOoQIdNSRPxD-GyrvXbeYcFuJtSz6hKR6S6GnJtbOWMb4qHE=', 1795863363875),
	('01a221cc-4005-702e-99a3-e9befa7a1790', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-4005-7030-9b6d-b839bd8e14e7', '01a221cc-4005-702e-99a3-e9befa7a1790', '01a221cc-4002-70a2-b6c6-38932550d16c', 'openai', 'scripted', 7, 2, 38, 1, 1, 'complete', NULL, 'gAAAAABrCrNDc_2PzeiZYDdXOzLF6McYkyLYmSi_bAS1uSDHFi75gtbT755qlfSh9x8u4w-mQXEYW_1ygri7BTJkPbhGBZldNn2AvzUd_nsCcVR82RjFdN6hlpLMg2tmIEbQ4enba6gxBG68g9fPFWE2UnYKFjbUD-E5BoAdGEGOlZnzdAfUDe9InOqA4MHPTHt944TCZ3Z01O7jwsFkm1SksE04xjiJunyZERrhWaIImPrx57j_dvOI72JBqA4bR88EwBy7S-EKItdMjhd-XZV-q4n5sae9fyXaX6W0qCqwGpKJIhhKZRqbpWtZFmJeWGTcteKHCZt2RZNEjO3d3vhdVTaw3Gq56aXfyjxPmXJCUqLodTYBMYtHX7iqyx9hiIKkD_Eow-q3ckFcqrHfJOxGb-K58DkcHTDgrN8pr-nAjANJ1PdNmYUjEeruKpFhyIyHo0-D8bJ_FvCTAzg9Hwhuk0vgN2UF10-8Ksu5t5dxEjLB_T1gVr6QN1vko-vZ8ZNwEeBAGmLMh01ZFECpZeyfU1XDugvrIKrhUH3D4TApD-1pnj0O9pN-Xh5QjFZqDVrC57_iaAXPi5qqgXzpgvoMr1tiUSx2CmYj8cGO6Dm2xARHiOUZ-ZFd8J8H0exoATcI6oT7wjlkX98wdwUWBlQ6eEmS6hHu1KoroyECzNJuvsdMIVeEsRQm8qqZn3C7sY9xgc5DKMVawjXhjvs_f6zm0T3ufy-tVA==', 1795863363596),
	('01a221cc-4192-7184-a29b-f74f36d7733c', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', '01a221cc-4185-7225-8b40-184138fceea0', '01a221cc-4192-7186-998e-0c335a0fc4e0', '01a221cc-4192-7184-a29b-f74f36d7733c', '01a221cc-416d-735b-9bc7-4938e7f697e4', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNEPvWXTDQWF8pWz3fAKLXkYe08Xmcse2W_7d_wQPniUnlFcVpxDWvtKCFvoDC0qm2Vi1bJlsdUTPzJqqS4K8Vfp37eC--2hcGgYRiOSniUTqk5XIEKWVsBb-r-xapOXynItAOdO4y9bjqBwr4dW_GjFhjpZlz7hg0Dbc_zfYZUZm3tQuY_Wm_dSByhpBqbTdrS', 1795863364007),
	('01a221cc-41e0-704e-857c-e8a8672adfd1', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', '01a221cc-41dd-73d5-bc81-018238457547', '01a221cc-41e1-7359-8987-29d6aa60d8da', '01a221cc-41e0-704e-857c-e8a8672adfd1', '01a221cc-41db-7336-ac73-cbb3988a49a3', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNEEv9MPmr3Da5Sf8R8T5p0jizJ_HXI6HYShj1sdqPU47gKL7YXS0q7rdIlCvAcq4jHU6e92Q4EBgIs9o24p84hphj1fwm42o4KiKvPH748f-yj4vfkfkShEH7F8bMwFXxI-Sdaeklq9ilYLm1PeoKq4SjAqqWiYBkrCbdwTs_sxz3V3zcVqeKUUPSiZt79AmNH', 1795863364088),
	('01a221cc-4231-73a9-9b08-5aae21b72a05', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', '01a221cc-4220-7243-8926-52f021449421', '01a221cc-4231-73ab-9a44-d00f822a95df', '01a221cc-4231-73a9-9b08-5aae21b72a05', '01a221cc-421a-73f0-913b-9bfaa7a40045', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNERPIAxB5DwQgfYR0KVBO7FaMpvp50QA-H1N7SdvsyY_zkc1hrgAyABrTakt4GH2JeHtbXDZKMyqcqPRYArDp5IjTDw-OrbcKReftNkVoJSaprPSDdO0oGxmrSzCLQFIJmTC__2BL5bBQr_dESbSATCs0-qKOA8Tu_1Ud8PaDLx9Oum1FiwJLwQe2UXek34xzUzJgqSbdBWSgdyGrRoXrUIg==', 1795863364192),
	('01a221cc-4285-7317-a086-3d4d33689304', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', '01a221cc-427f-7397-a7dd-cd64889056dc', '01a221cc-4289-722f-b19e-519271b46e7f', '01a221cc-4285-7317-a086-3d4d33689304', '01a221cc-427e-7170-af67-a6893548a03f', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNEQlza7xDeMCTcSH5wmavRtLhIneMePhk4oyDwK6_eqBsPMDuc5SGxYPEXFsn9tO560RyAcFoomIaHL0xYWV3g2HLloIwqyqUlsXOEF8GZCZsU7p4xrHEFGJYXlEax8h7GvvrU0EItnXJGqI_G7oEZVfJp2uYr-Bz6bcVTEePJaVaKE56nz_AV8tSUKlshaHJftMAmHvwUsW-Y2a0hwlR1Rw==', 1795863364256);
INSERT INTO public.message_logs VALUES
	('01a221cc-42ca-7264-a4a0-c5524bf08f65', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', '01a221cc-42c7-7091-834e-25a3c164d65a', '01a221cc-42ca-7266-a19c-15da54bcc3e9', '01a221cc-42ca-7264-a4a0-c5524bf08f65', '01a221cc-42c6-713c-ac6e-c8216d2b69bf', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNEBD8bGW8AfWsl5emuv07TlWguqFnYwAbYRvaLehiYbTYu3RJBf2wkly0UDvcVt-XiH9vNvA_q8nCH8__RZDfMdkInfg4LvJ0GMFVQD3zPQmGE8-RCBDhi3Pn6bL9PTvznTlNieSmMaqnxgIN4eocC1-1GfmuWJ7W8jwauCTr2krXCeHoFkQ-bgqALMSI1WD6B5yHRZwltrjf0BAbrLfweaQ==', 1795863364304),
	('01a221cc-42f9-73ca-9724-ddef1773be8e', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', '01a221cc-42f3-73f0-acab-34f3ae89b61c', '01a221cc-42f9-73cc-869f-50573f89f19e', '01a221cc-42f9-73ca-9724-ddef1773be8e', '01a221cc-42f2-72fa-b6d8-e666a8c967b1', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNEDK_w4JKSexmHK8Aq4rWdbUVx5gXFtVGZoLYWBVErU4LvbOdJ1YbMbAV1HLRS_y71e6qcgrIj4uOlvj1WTQpIeC0MBRchtG6jCgrADi17kBDJo_HdHEM9J7C6TTwahWSvxdmGnjrCah3n9aM0LomGmyhUPkrGod5Flh5P0-Dj-tz1lbJcAI29qdrxVeoRzF1b5UQuWikid-f8_yUYEoR8bdNtzrH_KtFoKkLXQwMm3XI=', 1795863364352),
	('01a221cc-4057-71bd-b388-d9b79f8569ed', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-4036-7105-b603-bebedab4c171', '01a221cc-4057-71bd-b388-d9b79f8569ed', '01a221cc-4054-70ed-9190-2762e01fbb2e', 'openai', 'scripted', 7, 1, 28, 1, 2, 'complete', NULL, 'gAAAAABrCrNDsBAbWX2E0Np92wNfsDyByzrRQUPHU_gZbR5-fplGUbIEBzsA97IwCNlhBfvCmgswQAhCHdlCFWMi7WbwFRrBKVmUHZE3NzA2cYwsDDWFD-MS2KAGw6YxRXgbwaw-O8GVz4X4MjvHJHtURMFfj-3AjRMePxi8hTJTf_Sk-a2yzOCt-eeY0iP1m4ZEWP2AvtXJaa_RTF3j2ukE8xhDWPwboZb70JpBZudDIluGLMQQDofRdw4UscakdKSisxZ7viEEku2u4FpCz-SMZuY1d8Cjgz6ZbOFVfJlVdIyhISgWRUwb7dI7I_07dTIKjXeMGGAc_WBaQXIxsLjCNgnjucQ_-6S3mdLjzSN6tJwIx8LI3GdJBnBVTkAyLnLix30BjembxYe0bKIOgoN4oKAfsGoywhFg7BZAA8gVi17ulsmuwx2alHAlC4Qe77kuubwXvXNmBSVORq-Lpe_62iTzRxcWQLom-qlwWPKrQL05OT_Ft2q6Mn_uSAKArVPZzOrOM9Bmf9cPFCuL0hfROzN54hO5Gjo8aBMZ9Rulv5A2ElDp-xaDNhX8Dvuci8ZBsWMGd9huJCKCcfhkcJ37sBHuCytcR2GXcT-WOqFkpuBl6ww6jlixfM3yBxNQqHuKM80Jhe_94rf6VPWigSY29dg1nswd__3VietB5nVu9Kv9VGH-DkYzyv_1D7oFBu0lXbNES5YqQ6iLC4UcyrhpFZEwfn5tgmqKrP2Ov02OWsNRtNJTm7GaNkU0QVqlq0IuVTHsOmRu8HPOAvKy4Gyq8FUaco-ZYz_AgyoTTFsjSNXdAHYrShL4vsjThEpBM8OeFpeJ0nIWQk25ZI4KF3Fx3mnjMXgoDiKhPFGA4nTfSBwTNyOyxqgbXufwi9jFhJlfqfrwIksQwzn7twApFMWI3kjzB2rwgNIxczcYyGM9QnXgqJJnemglWh83f3nKr0T6r_0qjTgiRHDdUgAeqBkpEHV7H8WLwzK-NHFI0j5WAK7g3m_v87J95EgokcQGPozeh5QZFQ_0AW5l6A7VSGi1tJp_bOQINZo00ludaCQlShR2ya6WCklqVALoQTxYFDUBKiX30afTuPWut3vDcnTLG2-fqBFlUtlx-rRJ-OX-Q4P-ZFFMYwB-6yL-WrmobZNdpDXTtfE6TK9jMMF7lc1xxp7kliIwgI_sXnnYMY2OvBi6WQ4P6TD1XjU8VZ0TzbiV88O5zVyE6RXqG-vvAG3WuilsNjow1Gc7L-6hgXTVyoCP1yW_vjVLfGmvKItbGwJOGRZetieEe9ELUEuN5n6SQPPpMsHzVdzCnPBaXbPxzWvb1Tg_iahM0bgjtC-xCJNQahcTekCde340a1mwIlggpOssIQ7NBg==', 1795863363673),
	('01a221cc-40d1-7228-9af4-ac76fae4ef0d', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', '01a221cc-361c-71a4-8d9a-eab721f33e28', '01a221cc-361c-71a4-8d9a-eab721f33e28', NULL, NULL, '01a221cc-40c0-70c9-b583-2b63779d590e', '01a221cc-40d1-7228-9af4-ac76fae4ef0d', '01a221cc-40cf-7278-a035-40e6661016a2', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNDKiAtwWH_joqsaro6IrTmWRoITrWlpjYWibyNvEMf9ujqi5-yMomXvu9tSDvURdVpi3tUAbha_mzYtHbLPMNUBXR0mJPSdq3AwWfsg2rM0JGkWS3SACzrMYE5FEMDJRR1q5h-E3-KsDjp9LmNHRUQIquwiFqchBrY8fZ9nxvXLOKctJayhhiCL0jz4jeFogkH6NYXTHGVqrsFvrwSm_8Dd1-4FDh6qnQ7K5DQMMQt6nuJzABzMRp0SOVKTAyDW9Efckj3-ZUDP_Q8kHrrk54X4XmnuI2k-ox3YgKiuc-KIxhtcTpzN5XnTDs0xLNJ2mgmA2h8EU4RDP8Onsvwa6PFfbU5nO25DxzEU_Rgqr0d1eyQK2W7hAXWysrz_IQdGPB4YlJPOy601FNLbnlsKM7Rc0WBYDoHgpHjjbxyrX_FGHTPV30VOWAuIiiHTBkE8MGkqoOKqBYIvNjPm42XEE4PbTG6DDLyW3_ZiOHJdyfqGuluTnNXWRXzLn8a_uAV1Kfb8k2auz4UdQpMqQoHw90VdOYCCfeRrCL_nQtfBcpkd4U7kcbH1vo2UqrZi2VAiLvkTM_G0TGutoUqn-W2pU6bom-7tB2bZ9qoWKJjlW9G9I5WAEOqViFlmYxaLkNRs1ntc5A8J4aV9FUH81xHquVhD2ZLTj6-2bSkNBJQ4DqVjOM6ieopFz_I_8yqXjh93pZopjXyvX1ZOWUby2067VKnEtyOrCm0W0lqhQdMBfGoHfZ_LUYHU4bHTqhNsnBctgKWSLJ--jn88mhYKR1CcJljTskYmNsYfQd0_WzTDCkI8RK70oBWIqbyG7kVom_Xxc_hJZDme382yjIKs3othpgtpOpn12yRwDTAbaxp-eIPCpl6k_GQ-0qm6dg-XKZj0eR5', 1795863363796),
	('01a221cc-406a-718b-95f1-86511e145cd8', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, NULL, '01a221cc-4036-7105-b603-bebedab4c171', '01a221cc-406a-718b-95f1-86511e145cd8', '01a221cc-4067-7151-9c58-301e8d3d9cd9', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNDqMIlX5dW8EbdLFn9_QgqdgdYFvXwy2FFCp70-t2jUCCFVwhuCSJ8Lwq8VNu7HAv-GhYZmT1b2DK3SeaXgPvjfRsBcQAXGkdwduy7bBZdb4d4pHItd0T2ME6dlW-qb4eEmlN1lUUweG3otuOkzxF__yWsKyZYzXpE2H3pxsVX2UmlUFXUYfkH9U4Kku8fLUEmZO_nV39N3Iobb_qHDI_FSpV8ZhYvnEblzAJIahRLUy9S0n4oPpHpiy-dutVk-slMNShydE_io23YGSV1GrAAs29CdVZ-RaAqg_MRHULkaQQyiCYdVBTVcBUf6yb_B8E9Qkn3VtjiOZNYIUjxBrdd41xs7ShRUycN1hN4Djz2ctWj9WiqN2L5emqOVTGI5tz-OETMBbrmqwArZVJi_Kyoxpsptwuq1hpshdFJdk8dj9pcBUB9MN5gftXKkyfjutxE2QPTiwNFpTMd7w0b_9NjgVrZYIM_LN9yP6E0CcaM8aCPd-lCHNdihY3RxAWauZ3ywEh0e0gpYRhfIWicpL_jyqMP8W4_1WK64EscZnnVN3rzufD6Fy7DRbyGUFuThhN03MJcvgxDy5LLn-v-PZIfm_lpD8gb8CW_4iqLgdiWCVVOxzTv5ntyyYyZaMLEvxPCVe0xf0Lj8X25SyfP9IAQkU8dsn2Zk4ceA91XwCK7IkkMDX29ei3siD51cSAnvzYymqREorzlW__qgX35nmzg1hfjVqWN5oMyOKHUg49D1m1S872nGF4ghG4EZ9BXgJSFzzZC8ZrOaYQIMvXsllpmg87HwuN8kdaG8vWTPIRmLAVWP715xKQ0h80ME4ivd9d5bPq4fqxQgdOOS4jKnVj-X6V0uLXkCLYBA7O5a6sujG98clukOSIzl8O6t5do9rYsadvyrE-zXBN7KXXN846lNbRHVANWH9BctXgYApMTXaylK4wv9m7Y8Va2ZdRDzc7rlpuZ7iL0fZaoJ5n40rSpLTtEqXM7rx4JCsDuCDrgLg8_VPXWLpoYU-2IXAdgv8zDBvQuWyGom5I2X4KR7hT9veqciUEdGFNBanQeKDoxtisUwpcwLYiYterS2Y2wauDAlGtFd1oZvTlD640hwwyfGRCz59tddF1Mc0I0oeO32BP6TcWpXjjlcHYjfFE8iXUb40A_Dmt1pEBItGgbW3RKO9oaJx2sZq9wsyx89Zqgl8bgwTDx4yRoskKQBlDq40OW72Xlegb2SqwpuO6-tMlIkaYgxoVZxARloxwfL-8QmDcQ1vG5n4WPLC7bd00b729fLMSxmy0ZMA-uT-u_bbyMGMMdmp49M6-o2VsdHvdyguYqq6-Yw3G1SVJF-hfI5iCCT2Y0LkYP_XoBUaaEqetEkg==', 1795863363696),
	('01a221cc-41bc-71ec-8e3c-69c7cd0408b6', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', NULL, NULL, NULL, '01a221cc-41bc-71ec-8e3c-69c7cd0408b6', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNEzao2XMyKRXNp-UMmsotgOMf0BCJsLNrOHPNBNE_MwTVCmKVjlIS-oNc6j0LWR26IJ2qdfOzjlmCLUdhxyAx8cQFaMXoxv1mP5BaLdM26X8Oi7USi3jnnYVyLzh5tQCXZ1ofFN8hNBjs94jP7TWdgMQYsN4k1EwKAGiWTEsTajJaqYKCx7m76tSSoMVU8T7lb', 1795863364044),
	('01a221cc-4203-734b-b70a-bd17ed1ac205', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', NULL, NULL, NULL, '01a221cc-4203-734b-b70a-bd17ed1ac205', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNEaj_Hg-sev6qFUMHaFha6H61xMXuO7OJ4zBJpbdFdx5jO8SoeGSxQnWyLPI0rWGCg1KiJctcat-3ZhnLtIxLw0XMHGJKl5k0FkD5kZwwd9SJq0R89V6h3kVn4u3orWOqxDOi-gyzBiduJEXIKF-ZpBFshgBfmlRd5Dipy_YnvSahlhjm_EjSb9Kw62TQ7Xe3G', 1795863364114),
	('01a221cc-426b-73c6-b88f-d1010539401a', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', NULL, NULL, NULL, '01a221cc-426b-73c6-b88f-d1010539401a', 'openai', 'scripted', 7, 1, 28, 0, 1, 'complete', NULL, 'gAAAAABrCrNEodgF10hKYtvilPpnuUbboOUJUb5dwxN5VDboGPGzXjj3GFrRfqU3oRKgQtuoMxQ0Vz6BscLyDRnNFnYynDILQWuT5eFzs0NYuFLc7_l30GEnaTljP1sb-0NMFwd55oLip1CpZTa8nkOJ5-V6zZd-iNiovaAkp2QifnGOfDcPT_lmpWPi3ntq_KbDsdJAXAVPDERderSY7z9A4X4dxeIL6Q==', 1795863364216),
	('01a221cc-42aa-70c0-9378-c0b205ddbaf6', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', NULL, NULL, NULL, '01a221cc-42aa-70c0-9378-c0b205ddbaf6', 'openai', 'scripted', 7, 1, 28, 0, 1, 'complete', NULL, 'gAAAAABrCrNEU5wVxEM_s9NafzI3dBYmxFE4v1zQNOb3gPZshoyNwVPO5rUh4BHSVQQyMzWV3b28Wb0cvdiWiIKLe2TSO2m9WivPPPMLMAW95aU9aqQVv8a9ZicGhcm-jauP00jOhlB09vL4h1Ndp10pdB9wY-sRXhlNX_ntuc3-41R-qeeyNauqLru7meRw1cKsizdYBuwNxA0rjvmcL_9u89ReDSagpA==', 1795863364288),
	('01a221cc-42d7-70e4-9e13-2f2661f57e72', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', NULL, NULL, NULL, '01a221cc-42d7-70e4-9e13-2f2661f57e72', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNEx3XMpDEum0qAjKHKG9K0BaXoDSxAMfgb17nLk6sGeZatBGhFnVDKJtTDhiqz4QHYvtKbAB97v8FxVAHmeMw3wspX-csWBJp_quGWqDPu-E0syvS2BZXy7zs3kaKEtHM_Nes5cmGyCmlCTdGRjS4uPZVmfJm8KIlhZKvEOKsoxsZFXs0Cln7cr8vE-TnXhACUsGM-mv-DfTqp13Pv5x9Bmw==', 1795863364328),
	('01a221cc-430a-70b7-b5b4-429e7416e257', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', '01a221cc-3390-72c4-93a9-7f8834f27788', NULL, '01a221cc-39d0-71d5-8e6b-6330c4736c21', NULL, NULL, NULL, '01a221cc-430a-70b7-b5b4-429e7416e257', 'openai', 'scripted', 7, 1, 28, 1, 1, 'complete', NULL, 'gAAAAABrCrNEcsu6Yb08JnpK9icRs5vwHnar2h_J3KhSEvH1CvjvDcV90ngzGr8TdeK9f9--anXeFPLoZ-jAp4cfe5asq9PXqlKJE0-v33AORgEOwWdNPOUJWU7eydxmAOKb1JGg1cBPVdSaarBcWDrjzHz6rSyUGVg8NZN8v7-Ln9tvjngvp0HvnQj5XyQxEYaj3CVWbL7BEK-WRudeDIkrru08Z7NX-zib5ngI0wWInIGHJbEGEUg=', 1795863364380);


--
-- Data for Name: messages; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.messages VALUES
	('01a221cc-3b13-71d0-b070-e920ab6f5894', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3b13-71d1-81b9-82cfd362fb6a', 1, 'user', 'When are you open on Saturdays?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362323),
	('01a221cc-3c1d-7208-bc34-8038e1b9034d', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3c1d-720a-a068-9889dbceada8', 2, 'ai', 'Chào buổi sáng! Mùa xuân năm ngoái tôi đã mua một chiếc xe đạp màu xanh ở cửa hàng của anh chị, và từ hôm qua phanh sau kêu rất to mỗi khi trời mưa. Tuần này thợ của cửa hàng có thể xem giúp tôi được không? Tôi làm việc đến năm giờ chiều nên tối thứ năm hoặc sáng thứ bảy là tiện nhất. Bộ má phanh mới giá bao nhiêu, và tôi có cần đặt lịch trước không?', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863362589),
	('01a221cc-3b4c-701a-8e28-e6e83b622e06', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3b13-71d1-81b9-82cfd362fb6a', 3, 'user', 'Good morning! I bought a blue city bike from you last spring, and since yesterday the rear brake has been squeaking loudly whenever it rains. Could one of your mechanics have a look at it this week? I work until five, so Thursday evening or Saturday morning would suit me best. What would a new set of brake pads cost, and do I need an appointment?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362380),
	('01a221cc-3c43-7208-aeb9-d70ba4e4e217', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3c1d-720a-a068-9889dbceada8', 3, 'user', 'Chào buổi sáng! Mùa xuân năm ngoái tôi đã mua một chiếc xe đạp màu xanh ở cửa hàng của anh chị, và từ hôm qua phanh sau kêu rất to mỗi khi trời mưa. Tuần này thợ của cửa hàng có thể xem giúp tôi được không? Tôi làm việc đến năm giờ chiều nên tối thứ năm hoặc sáng thứ bảy là tiện nhất. Bộ má phanh mới giá bao nhiêu, và tôi có cần đặt lịch trước không?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362627),
	('01a221cc-3b13-71cf-b623-a8afd68d0490', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3b13-71d1-81b9-82cfd362fb6a', 2, 'ai', 'Good morning! I bought a blue city bike from you last spring, and since yesterday the rear brake has been squeaking loudly whenever it rains. Could one of your mechanics have a look at it this week? I work until five, so Thursday evening or Saturday morning would suit me best. What would a new set of brake pads cost, and do I need an appointment?', 'complete', NULL, 'scripted', 7, 2, -1, 'When are you open on Saturdays?', 1795863362323),
	('01a221cc-3b7e-70f6-ace1-e6f34f675ffd', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3b13-71d1-81b9-82cfd362fb6a', 5, 'ai', 'When are you open on Saturdays?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863362430),
	('01a221cc-3b9c-71d0-9f65-3e91a3a45d7f', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3b9c-71d1-86a6-0a6c46725622', 1, 'user', 'Wann haben Sie samstags geöffnet?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362460),
	('01a221cc-3b9c-71cf-a059-092e7a4c96f6', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3b9c-71d1-86a6-0a6c46725622', 2, 'ai', 'Guten Tag! Ich habe im Frühjahr ein blaues Stadtrad bei Ihnen gekauft, und seit gestern quietscht die hintere Bremse fürchterlich, sobald es regnet. Könnte sich jemand aus der Werkstatt das diese Woche ansehen? Ich arbeite bis fünf Uhr, deshalb wären Donnerstagabend oder Samstagvormittag am günstigsten. Was kosten neue Bremsbeläge, und muss ich vorher einen Termin vereinbaren? Schöne Grüße aus Köln', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863362460),
	('01a221cc-3bc0-71f8-b675-db610281cc1e', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3b9c-71d1-86a6-0a6c46725622', 3, 'user', 'Guten Tag! Ich habe im Frühjahr ein blaues Stadtrad bei Ihnen gekauft, und seit gestern quietscht die hintere Bremse fürchterlich, sobald es regnet. Könnte sich jemand aus der Werkstatt das diese Woche ansehen? Ich arbeite bis fünf Uhr, deshalb wären Donnerstagabend oder Samstagvormittag am günstigsten. Was kosten neue Bremsbeläge, und muss ich vorher einen Termin vereinbaren? Schöne Grüße aus Köln', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362496),
	('01a221cc-3bbf-7312-8d21-c323f76bbb69', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3b9c-71d1-86a6-0a6c46725622', 4, 'ai', 'Wann haben Sie samstags geöffnet?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863362496),
	('01a221cc-3bdd-7293-8727-85dc1576b3b7', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3bdd-7294-91ec-3c2cfcf9f4fa', 1, 'user', 'À quelle heure ouvrez-vous le samedi ?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362525),
	('01a221cc-3bdd-7292-a6d4-b8dedcfb1936', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3bdd-7294-91ec-3c2cfcf9f4fa', 2, 'ai', 'Bonjour ! J’ai acheté chez vous un vélo de ville bleu au printemps dernier et, depuis hier, le frein arrière grince très fort dès qu’il pleut. Est-ce qu’un de vos mécaniciens pourrait y jeter un œil cette semaine ? Je travaille jusqu’à dix-sept heures, donc le jeudi soir ou le samedi matin m’arrangerait. Combien coûtent des patins neufs, et faut-il prendre rendez-vous ?', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863362525),
	('01a221cc-3c09-715d-9b5b-277152e99c96', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3bdd-7294-91ec-3c2cfcf9f4fa', 3, 'user', 'Bonjour ! J’ai acheté chez vous un vélo de ville bleu au printemps dernier et, depuis hier, le frein arrière grince très fort dès qu’il pleut. Est-ce qu’un de vos mécaniciens pourrait y jeter un œil cette semaine ? Je travaille jusqu’à dix-sept heures, donc le jeudi soir ou le samedi matin m’arrangerait. Combien coûtent des patins neufs, et faut-il prendre rendez-vous ?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362569),
	('01a221cc-3c09-715c-870c-5751b4dd3cb9', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3bdd-7294-91ec-3c2cfcf9f4fa', 4, 'ai', 'À quelle heure ouvrez-vous le samedi ?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863362569),
	('01a221cc-3c1d-7209-ba86-3e405436e301', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3c1d-720a-a068-9889dbceada8', 1, 'user', 'Thứ bảy cửa hàng mở cửa lúc mấy giờ?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362589),
	('01a221cc-3c43-7207-9ece-ce5a983fbf60', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3c1d-720a-a068-9889dbceada8', 4, 'ai', 'Thứ bảy cửa hàng mở cửa lúc mấy giờ?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863362627),
	('01a221cc-3c5e-70ec-8116-8061d55fec2e', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3c5e-70ed-b6a1-a850b84137e9', 1, 'user', 'Cumartesi günleri kaçta açıyorsunuz?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362654),
	('01a221cc-3c84-7289-b9fb-fa17924e94c5', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3c5e-70ed-b6a1-a850b84137e9', 3, 'user', 'Günaydın! Geçen ilkbaharda sizden mavi bir şehir bisikleti almıştım, dünden beri yağmur yağınca arka fren çok yüksek sesle gıcırdıyor. Bu hafta ustalarınızdan biri bakabilir mi? Saat beşe kadar çalışıyorum, bu yüzden perşembe akşamı ya da cumartesi sabahı bana uyar. Yeni fren balatalarının fiyatı ne kadar, önceden randevu almam gerekiyor mu?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362692),
	('01a221cc-3c84-7288-a555-5f022cd55607', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3c5e-70ed-b6a1-a850b84137e9', 4, 'ai', 'Cumartesi günleri kaçta açıyorsunuz?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863362692),
	('01a221cc-3fe5-7162-9a5a-fb8fd678ecc1', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3fb0-7061-9247-99a48c854218', 3, 'user', 'おはようございます。去年の春にそちらのお店で青いシティサイクルを買ったのですが、昨日から雨が降るたびに後ろのブレーキが大きな音を立てるようになりました。今週、整備士の方に見ていただくことはできますか。仕事が五時まであるので、木曜日の夕方か土曜日の午前中だと助かります。新しいブレーキパッドの交換はいくらぐらいかかりますか。予約は必要でしょうか。', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363557),
	('01a221cc-3fe5-7161-ab55-39065fcf8884', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3fb0-7061-9247-99a48c854218', 4, 'ai', '土曜日は何時に開店しますか。', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363557),
	('01a221cc-40ad-72d7-8ccb-2bd3ce6fca81', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4085-72a1-a008-2a443036b114', 3, 'user', 'Բարի լույս։ Անցյալ գարնանը ձեր խանութից կապույտ հեծանիվ եմ գնել, և երեկվանից հետևի արգելակը բարձր ձայն է հանում, երբ անձրև է գալիս։ Ձեր վարպետներից որևէ մեկը կարո՞ղ է այս շաբաթ նայել այն։ Ես աշխատում եմ մինչև ժամը հինգը, ուստի ինձ հարմար է հինգշաբթի երեկոյան կամ շաբաթ առավոտյան։ Որքա՞ն արժեն նոր կոճղակները, և պե՞տք է նախապես գրանցվել։', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363757),
	('01a221cc-40ad-72d6-beda-d294a8bf9a02', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4085-72a1-a008-2a443036b114', 4, 'ai', 'Շաբաթ օրը ժամը քանիսի՞ն եք բացվում:', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363757),
	('01a221cc-3c5d-7035-9e4a-49b90283e8de', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3c5e-70ed-b6a1-a850b84137e9', 2, 'ai', 'Günaydın! Geçen ilkbaharda sizden mavi bir şehir bisikleti almıştım, dünden beri yağmur yağınca arka fren çok yüksek sesle gıcırdıyor. Bu hafta ustalarınızdan biri bakabilir mi? Saat beşe kadar çalışıyorum, bu yüzden perşembe akşamı ya da cumartesi sabahı bana uyar. Yeni fren balatalarının fiyatı ne kadar, önceden randevu almam gerekiyor mu?', 'complete', NULL, 'scripted', 7, 2, -1, 'Cumartesi günleri kaçta açıyorsunuz?', 1795863362654),
	('01a221cc-3cae-73e0-9ca9-897fac40c416', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3cae-73e1-9ddf-9e1cc5777498', 1, 'user', 'Во сколько вы открываетесь в субботу?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362734),
	('01a221cc-3cad-737f-948c-4dbda7287171', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3cae-73e1-9ddf-9e1cc5777498', 2, 'ai', 'Доброе утро! Прошлой весной я купил у вас синий городской велосипед, и со вчерашнего дня задний тормоз громко скрипит, как только начинается дождь. Мог бы кто-нибудь из ваших мастеров посмотреть его на этой неделе? Я работаю до пяти, поэтому мне удобнее всего вечером в четверг или утром в субботу. Сколько стоят новые тормозные колодки и нужно ли записываться заранее?', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863362734),
	('01a221cc-3f74-738d-a5d8-17226acc2e4b', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3f75-70c9-b139-1bf45ef0f948', 1, 'user', '你們星期六幾點開門？', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363444),
	('01a221cc-3f74-738c-b407-017aa7fb410c', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3f75-70c9-b139-1bf45ef0f948', 2, 'ai', '早安！去年春天我在你們店裡買了一輛藍色的城市腳踏車，從昨天開始，只要下雨，後煞車就會發出很大的聲響。這個星期可以請你們的師傅幫我檢查一下嗎？我每天工作到下午五點，所以星期四晚上或星期六早上對我最方便。換一組新的煞車皮要多少錢？需要事先預約嗎？', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863363444),
	('01a221cc-4192-7185-ae0b-11980763633a', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4192-7186-998e-0c335a0fc4e0', 1, 'user', 'When are you open on Saturdays?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363986),
	('01a221cc-4192-7184-a29b-f74f36d7733c', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4192-7186-998e-0c335a0fc4e0', 2, 'ai', 'Is the shop open? 🚲🤔🕘', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363986),
	('01a221cc-41e1-7358-87f7-0e730b871585', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-41e1-7359-8987-29d6aa60d8da', 1, 'user', 'Wann haben Sie samstags geöffnet?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863364065),
	('01a221cc-41e0-704e-857c-e8a8672adfd1', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-41e1-7359-8987-29d6aa60d8da', 2, 'ai', 'Is the shop open? 🚲🤔🕘', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863364065),
	('01a221cc-4231-73aa-b379-1943bd55aba8', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4231-73ab-9a44-d00f822a95df', 1, 'user', 'À quelle heure ouvrez-vous le samedi ?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863364145),
	('01a221cc-4231-73a9-9b08-5aae21b72a05', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4231-73ab-9a44-d00f822a95df', 2, 'ai', 'Is the shop open? 🚲🤔🕘', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863364145),
	('01a221cc-3ccd-7304-8ba7-20b17baa15c6', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3cae-73e1-9ddf-9e1cc5777498', 3, 'user', 'Доброе утро! Прошлой весной я купил у вас синий городской велосипед, и со вчерашнего дня задний тормоз громко скрипит, как только начинается дождь. Мог бы кто-нибудь из ваших мастеров посмотреть его на этой неделе? Я работаю до пяти, поэтому мне удобнее всего вечером в четверг или утром в субботу. Сколько стоят новые тормозные колодки и нужно ли записываться заранее?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362765),
	('01a221cc-3ccc-70c6-ac93-4b573de63f3d', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3cae-73e1-9ddf-9e1cc5777498', 4, 'ai', 'Во сколько вы открываетесь в субботу?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863362765),
	('01a221cc-3d10-73c8-a456-29c9972ebd2e', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3cf7-7195-8a79-122a1b8845e5', 3, 'user', 'Καλημέρα! Την περασμένη άνοιξη αγόρασα από εσάς ένα μπλε ποδήλατο πόλης και από χθες το πίσω φρένο τρίζει πολύ δυνατά όταν βρέχει. Θα μπορούσε κάποιος από τους τεχνικούς σας να το κοιτάξει αυτή την εβδομάδα; Δουλεύω μέχρι τις πέντε, οπότε με βολεύει το βράδυ της Πέμπτης ή το πρωί του Σαββάτου. Πόσο κοστίζουν τα καινούργια τακάκια και χρειάζεται να κλείσω ραντεβού;', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362832),
	('01a221cc-4036-7103-a3e2-177c24529cec', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4036-7105-b603-bebedab4c171', 2, 'ai', 'დილა მშვიდობისა! გასულ გაზაფხულზე თქვენს მაღაზიაში ლურჯი ველოსიპედი ვიყიდე და გუშინდელიდან, როცა წვიმს, უკანა მუხრუჭი ძალიან ხმამაღლა ჭრიალებს. შეუძლია თქვენს ხელოსანს ამ კვირაში ნახოს? ხუთ საათამდე ვმუშაობ, ამიტომ ხუთშაბათს საღამოს ან შაბათს დილით მირჩევნია. რა ღირს ახალი ხუნდები და საჭიროა თუ არა წინასწარ ჩაწერა?', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863363638),
	('01a221cc-3d71-7054-a276-93b8863b2342', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3d4e-70f9-82e8-63837966a58a', 3, 'user', 'صباح الخير! اشتريت من متجركم في الربيع الماضي دراجة زرقاء للمدينة، ومنذ أمس تصدر المكابح الخلفية صوتًا عاليًا كلما هطل المطر. هل يستطيع أحد الفنيين عندكم أن يفحصها هذا الأسبوع؟ أعمل حتى الساعة الخامسة، لذلك يناسبني مساء الخميس أو صباح السبت. كم تكلف فحمات المكابح الجديدة، وهل أحتاج إلى حجز موعد مسبقًا؟', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362929),
	('01a221cc-3d71-7053-a863-3f59dd56d2c6', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3d4e-70f9-82e8-63837966a58a', 4, 'ai', 'متى تفتحون يوم السبت؟', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863362929),
	('01a221cc-3e2d-71dc-8b1b-eff1bcb1c554', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3e2d-71dd-b4f7-410c37810525', 1, 'user', 'शनिवार को आप कितने बजे खोलते हैं?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363117),
	('01a221cc-3e2d-71db-8bdd-d45e660e097a', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3e2d-71dd-b4f7-410c37810525', 2, 'ai', 'सुप्रभात! पिछले वसंत में मैंने आपकी दुकान से एक नीली साइकिल खरीदी थी, और कल से जब भी बारिश होती है, पीछे का ब्रेक बहुत ज़ोर से आवाज़ करता है। क्या आपका कोई मिस्त्री इस हफ़्ते उसे देख सकता है? मैं पाँच बजे तक काम करता हूँ, इसलिए गुरुवार की शाम या शनिवार की सुबह मेरे लिए सबसे ठीक रहेगी। नए ब्रेक पैड कितने के आएँगे, और क्या मुझे पहले से समय लेना होगा?', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863363117),
	('01a221cc-3f22-716b-bd5d-d8d933ab2009', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3f22-716c-9bf0-23f868452363', 1, 'user', 'วันเสาร์ร้านเปิดกี่โมงครับ', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363362),
	('01a221cc-3f22-716a-8906-70948a3e7252', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3f22-716c-9bf0-23f868452363', 2, 'ai', 'สวัสดีครับ เมื่อฤดูใบไม้ผลิที่แล้วผมซื้อจักรยานสีฟ้าจากร้านของคุณ และตั้งแต่เมื่อวานเบรกหลังมีเสียงดังมากทุกครั้งที่ฝนตก สัปดาห์นี้ช่างของร้านช่วยดูให้หน่อยได้ไหมครับ ผมทำงานถึงห้าโมงเย็น ดังนั้นเย็นวันพฤหัสบดีหรือเช้าวันเสาร์จะสะดวกที่สุด ผ้าเบรกชุดใหม่ราคาเท่าไหร่ และต้องนัดล่วงหน้าหรือเปล่าครับ', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863363362),
	('01a221cc-4036-7104-bbbb-7204edd2e415', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4036-7105-b603-bebedab4c171', 1, 'user', 'შაბათს რომელ საათზე იხსნება მაღაზია?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363638),
	('01a221cc-4365-71b2-a2c3-c59085c35821', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4365-71b3-afe4-8293d1b563bb', 1, 'user', '你们星期六几点开门？', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863364453),
	('01a221cc-4364-7382-a13b-62b399696292', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4365-71b3-afe4-8293d1b563bb', 2, 'ai', 'Is the shop open? 🚲🤔🕘', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863364453),
	('01a221cc-3cf7-7194-827f-65bb35b2aba3', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3cf7-7195-8a79-122a1b8845e5', 1, 'user', 'Τι ώρα ανοίγετε το Σάββατο;', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362807),
	('01a221cc-3cf6-7349-a790-9fd6cb21241f', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3cf7-7195-8a79-122a1b8845e5', 2, 'ai', 'Καλημέρα! Την περασμένη άνοιξη αγόρασα από εσάς ένα μπλε ποδήλατο πόλης και από χθες το πίσω φρένο τρίζει πολύ δυνατά όταν βρέχει. Θα μπορούσε κάποιος από τους τεχνικούς σας να το κοιτάξει αυτή την εβδομάδα; Δουλεύω μέχρι τις πέντε, οπότε με βολεύει το βράδυ της Πέμπτης ή το πρωί του Σαββάτου. Πόσο κοστίζουν τα καινούργια τακάκια και χρειάζεται να κλείσω ραντεβού;', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863362807),
	('01a221cc-3d8c-72c3-84ac-a4a71767986f', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3d8d-71da-8a7a-0e5dbf10fe4e', 1, 'user', 'شنبه‌ها از چه ساعتی باز هستید؟', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362956);
INSERT INTO public.messages VALUES
	('01a221cc-406a-718b-95f1-86511e145cd8', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4036-7105-b603-bebedab4c171', 5, 'ai', 'შაბათს რომელ საათზე იხსნება მაღაზია?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363690),
	('01a221cc-3d8c-72c2-ad56-d08f9c50bd7b', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3d8d-71da-8a7a-0e5dbf10fe4e', 2, 'ai', 'صبح بخیر! بهار گذشته یک دوچرخهٔ شهری آبی از فروشگاه شما خریدم و از دیروز هر وقت باران می‌بارد ترمز عقب صدای بلندی می‌دهد. آیا یکی از تعمیرکاران شما می‌تواند این هفته آن را نگاه کند؟ من تا ساعت پنج کار می‌کنم، پس پنج‌شنبه عصر یا شنبه صبح برایم مناسب است. لنت ترمز نو چقدر هزینه دارد و آیا باید از قبل وقت بگیرم؟', 'complete', NULL, 'scripted', 7, 2, -1, 'شنبه‌ها از چه ساعتی باز هستید؟', 1795863362956),
	('01a221cc-3e59-7319-9062-3d36f978dbfe', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3e2d-71dd-b4f7-410c37810525', 3, 'user', 'सुप्रभात! पिछले वसंत में मैंने आपकी दुकान से एक नीली साइकिल खरीदी थी, और कल से जब भी बारिश होती है, पीछे का ब्रेक बहुत ज़ोर से आवाज़ करता है। क्या आपका कोई मिस्त्री इस हफ़्ते उसे देख सकता है? मैं पाँच बजे तक काम करता हूँ, इसलिए गुरुवार की शाम या शनिवार की सुबह मेरे लिए सबसे ठीक रहेगी। नए ब्रेक पैड कितने के आएँगे, और क्या मुझे पहले से समय लेना होगा?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363161),
	('01a221cc-3e59-7318-8e61-a3270378dbcd', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3e2d-71dd-b4f7-410c37810525', 4, 'ai', 'शनिवार को आप कितने बजे खोलते हैं?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363161),
	('01a221cc-3efe-72cf-a8dc-7f3cb3824d71', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3eb2-7343-b310-4e785b8162f7', 5, 'ai', 'சனிக்கிழமை எத்தனை மணிக்கு கடை திறக்கும்?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363327),
	('01a221cc-3f56-73a4-a8ed-03069ad0c94c', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3f56-73a5-9e45-0bf5e5c15c2e', 1, 'user', '你们星期六几点开门？', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363414),
	('01a221cc-3f56-73a3-b185-ce88b1142f84', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3f56-73a5-9e45-0bf5e5c15c2e', 2, 'ai', '早上好！去年春天我在你们店里买了一辆蓝色的城市自行车，从昨天开始，一下雨后刹车就发出很大的响声。这个星期能不能请你们的师傅帮我看一下？我每天工作到下午五点，所以星期四晚上或者星期六上午对我最方便。换一套新的刹车片要多少钱？需要提前预约吗？', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863363414),
	('01a221cc-3f92-7179-82f6-56bd84b55561', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3f75-70c9-b139-1bf45ef0f948', 3, 'user', '早安！去年春天我在你們店裡買了一輛藍色的城市腳踏車，從昨天開始，只要下雨，後煞車就會發出很大的聲響。這個星期可以請你們的師傅幫我檢查一下嗎？我每天工作到下午五點，所以星期四晚上或星期六早上對我最方便。換一組新的煞車皮要多少錢？需要事先預約嗎？', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363474),
	('01a221cc-3f92-7178-9834-585030729aaf', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3f75-70c9-b139-1bf45ef0f948', 4, 'ai', '你們星期六幾點開門？', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363474),
	('01a221cc-40c0-70c8-9c0f-0a34a1249ad5', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-40c0-70c9-b583-2b63779d590e', 1, 'user', 'ቅዳሜ ስንት ሰዓት ትከፍታላችሁ?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363776),
	('01a221cc-40c0-70c7-b992-03140e614222', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-40c0-70c9-b583-2b63779d590e', 2, 'ai', 'እንደምን አደራችሁ! ባለፈው ዓመት ከሱቃችሁ ሰማያዊ ብስክሌት ገዝቼ ነበር፤ ከትናንት ጀምሮ ዝናብ ሲዘንብ የኋላው ፍሬን ከፍተኛ ድምፅ ያሰማል። በዚህ ሳምንት ከባለሙያዎቻችሁ አንዱ ሊያየው ይችላል? እስከ አሥራ አንድ ሰዓት ድረስ ስለምሠራ ሐሙስ ማታ ወይም ቅዳሜ ጠዋት ይመቸኛል። አዲስ ፍሬን ስንት ያወጣል? ቀጠሮ መያዝ ያስፈልገኛል?', 'complete', NULL, 'scripted', 7, 2, -1, 'ቅዳሜ ስንት ሰዓት ትከፍታላችሁ?', 1795863363776),
	('01a221cc-40fe-72a4-8dc4-979c01cf0a6f', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-40fe-72a5-a71b-3c8c354df53f', 1, 'user', 'Is the shop open? 🚲🤔🕘', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363838),
	('01a221cc-3d2e-73bb-a82c-d094719e1334', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3cf7-7195-8a79-122a1b8845e5', 5, 'ai', 'Τι ώρα ανοίγετε το Σάββατο;', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863362862),
	('01a221cc-3dde-727d-9e1f-25fe4faf08b4', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3dde-727e-a685-16750b8bc01a', 1, 'user', 'מתי אתם פתוחים ביום שישי?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363038),
	('01a221cc-3ddd-71af-8ce0-77f9f4a4f435', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3dde-727e-a685-16750b8bc01a', 2, 'ai', 'בוקר טוב! באביב שעבר קניתי אצלכם אופני עיר כחולים, ומאתמול הבלם האחורי חורק חזק בכל פעם שיורד גשם. האם אחד המכונאים שלכם יוכל להסתכל עליהם השבוע? אני עובד עד חמש, ולכן יום חמישי בערב או יום שישי בבוקר יתאימו לי. כמה עולות רפידות בלם חדשות, והאם צריך לקבוע תור מראש?', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863363038),
	('01a221cc-3e99-7286-ba79-8884d1d61339', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3e7d-711d-b42e-a610615f3c71', 3, 'user', 'সুপ্রভাত! গত বসন্তে আমি আপনাদের দোকান থেকে একটি নীল সাইকেল কিনেছিলাম, আর গতকাল থেকে বৃষ্টি হলেই পেছনের ব্রেকটা খুব জোরে শব্দ করছে। আপনাদের কোনো মিস্ত্রি কি এই সপ্তাহে সেটা একবার দেখতে পারবেন? আমি বিকেল পাঁচটা পর্যন্ত কাজ করি, তাই বৃহস্পতিবার সন্ধ্যা বা শনিবার সকাল আমার জন্য সবচেয়ে সুবিধাজনক। নতুন ব্রেক প্যাডের দাম কত, আর আগে থেকে সময় নিতে হবে কি?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363225),
	('01a221cc-3e98-723d-97f3-2f6020c6313a', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3e7d-711d-b42e-a610615f3c71', 4, 'ai', 'শনিবার আপনাদের দোকান কয়টায় খোলে?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363225),
	('01a221cc-3eb1-7283-9689-46d92d0ccf43', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3eb2-7343-b310-4e785b8162f7', 2, 'ai', 'காலை வணக்கம்! கடந்த வசந்த காலத்தில் உங்கள் கடையில் ஒரு நீல நிற மிதிவண்டி வாங்கினேன்; நேற்று முதல் மழை பெய்யும்போதெல்லாம் பின் பிரேக் மிகவும் சத்தமாக ஒலிக்கிறது. உங்கள் தொழிலாளர்களில் ஒருவர் இந்த வாரம் அதைப் பார்க்க முடியுமா? நான் ஐந்து மணி வரை வேலை செய்கிறேன், எனவே வியாழக்கிழமை மாலை அல்லது சனிக்கிழமை காலை எனக்கு வசதியாக இருக்கும். புதிய பிரேக் பேட்களின் விலை என்ன, முன்பதிவு செய்ய வேண்டுமா?', 'complete', NULL, 'scripted', 7, 2, -1, 'சனிக்கிழமை எத்தனை மணிக்கு கடை திறக்கும்?', 1795863363250),
	('01a221cc-3f3d-72fe-904e-3c325cb9df44', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3f22-716c-9bf0-23f868452363', 3, 'user', 'สวัสดีครับ เมื่อฤดูใบไม้ผลิที่แล้วผมซื้อจักรยานสีฟ้าจากร้านของคุณ และตั้งแต่เมื่อวานเบรกหลังมีเสียงดังมากทุกครั้งที่ฝนตก สัปดาห์นี้ช่างของร้านช่วยดูให้หน่อยได้ไหมครับ ผมทำงานถึงห้าโมงเย็น ดังนั้นเย็นวันพฤหัสบดีหรือเช้าวันเสาร์จะสะดวกที่สุด ผ้าเบรกชุดใหม่ราคาเท่าไหร่ และต้องนัดล่วงหน้าหรือเปล่าครับ', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363389),
	('01a221cc-3f3c-7083-9cad-d4bdea279b14', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3f22-716c-9bf0-23f868452363', 4, 'ai', 'วันเสาร์ร้านเปิดกี่โมงครับ', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363389),
	('01a221cc-3fb0-7060-bd5c-c486c51d5376', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3fb0-7061-9247-99a48c854218', 1, 'user', '土曜日は何時に開店しますか。', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363504),
	('01a221cc-3fb0-705f-a44e-fec4931949a5', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3fb0-7061-9247-99a48c854218', 2, 'ai', 'おはようございます。去年の春にそちらのお店で青いシティサイクルを買ったのですが、昨日から雨が降るたびに後ろのブレーキが大きな音を立てるようになりました。今週、整備士の方に見ていただくことはできますか。仕事が五時まであるので、木曜日の夕方か土曜日の午前中だと助かります。新しいブレーキパッドの交換はいくらぐらいかかりますか。予約は必要でしょうか。', 'complete', NULL, 'scripted', 7, 2, -1, '土曜日は何時に開店しますか。', 1795863363504),
	('01a221cc-3d4e-70f8-bdef-bc29bd94a004', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3d4e-70f9-82e8-63837966a58a', 1, 'user', 'متى تفتحون يوم السبت؟', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362894),
	('01a221cc-3d4e-70f7-b3b0-803d1a64bf89', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3d4e-70f9-82e8-63837966a58a', 2, 'ai', 'صباح الخير! اشتريت من متجركم في الربيع الماضي دراجة زرقاء للمدينة، ومنذ أمس تصدر المكابح الخلفية صوتًا عاليًا كلما هطل المطر. هل يستطيع أحد الفنيين عندكم أن يفحصها هذا الأسبوع؟ أعمل حتى الساعة الخامسة، لذلك يناسبني مساء الخميس أو صباح السبت. كم تكلف فحمات المكابح الجديدة، وهل أحتاج إلى حجز موعد مسبقًا؟', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863362894),
	('01a221cc-3daa-734e-ad1a-2f304571c7df', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3d8d-71da-8a7a-0e5dbf10fe4e', 3, 'user', 'صبح بخیر! بهار گذشته یک دوچرخهٔ شهری آبی از فروشگاه شما خریدم و از دیروز هر وقت باران می‌بارد ترمز عقب صدای بلندی می‌دهد. آیا یکی از تعمیرکاران شما می‌تواند این هفته آن را نگاه کند؟ من تا ساعت پنج کار می‌کنم، پس پنج‌شنبه عصر یا شنبه صبح برایم مناسب است. لنت ترمز نو چقدر هزینه دارد و آیا باید از قبل وقت بگیرم؟', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863362986),
	('01a221cc-3daa-734d-9705-b8885ef4df2a', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3d8d-71da-8a7a-0e5dbf10fe4e', 4, 'ai', 'شنبه‌ها از چه ساعتی باز هستید؟', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863362986),
	('01a221cc-3e09-72eb-b642-132e85e2cb15', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3dde-727e-a685-16750b8bc01a', 3, 'user', 'בוקר טוב! באביב שעבר קניתי אצלכם אופני עיר כחולים, ומאתמול הבלם האחורי חורק חזק בכל פעם שיורד גשם. האם אחד המכונאים שלכם יוכל להסתכל עליהם השבוע? אני עובד עד חמש, ולכן יום חמישי בערב או יום שישי בבוקר יתאימו לי. כמה עולות רפידות בלם חדשות, והאם צריך לקבוע תור מראש?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363081),
	('01a221cc-3e09-72ea-944d-4bdfd3059812', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3dde-727e-a685-16750b8bc01a', 4, 'ai', 'מתי אתם פתוחים ביום שישי?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363081),
	('01a221cc-3e7c-73dd-812a-7e1365277be1', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3e7d-711d-b42e-a610615f3c71', 1, 'user', 'শনিবার আপনাদের দোকান কয়টায় খোলে?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363196),
	('01a221cc-3e7c-73dc-ba66-8999fda2d255', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3e7d-711d-b42e-a610615f3c71', 2, 'ai', 'সুপ্রভাত! গত বসন্তে আমি আপনাদের দোকান থেকে একটি নীল সাইকেল কিনেছিলাম, আর গতকাল থেকে বৃষ্টি হলেই পেছনের ব্রেকটা খুব জোরে শব্দ করছে। আপনাদের কোনো মিস্ত্রি কি এই সপ্তাহে সেটা একবার দেখতে পারবেন? আমি বিকেল পাঁচটা পর্যন্ত কাজ করি, তাই বৃহস্পতিবার সন্ধ্যা বা শনিবার সকাল আমার জন্য সবচেয়ে সুবিধাজনক। নতুন ব্রেক প্যাডের দাম কত, আর আগে থেকে সময় নিতে হবে কি?', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863363196),
	('01a221cc-3eb2-7342-96d4-02ef590e6fd9', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3eb2-7343-b310-4e785b8162f7', 1, 'user', 'சனிக்கிழமை எத்தனை மணிக்கு கடை திறக்கும்?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363250),
	('01a221cc-4025-73f7-8e5e-01ca58a8fdf2', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-4005-7030-9b6d-b839bd8e14e7', 3, 'user', '안녕하세요! 지난봄에 그 가게에서 파란색 시티 자전거를 샀는데, 어제부터 비가 올 때마다 뒤쪽 브레이크에서 아주 큰 소리가 납니다. 이번 주에 정비사 분이 한번 봐 주실 수 있을까요? 저는 다섯 시까지 일해서 목요일 저녁이나 토요일 오전이 가장 편합니다. 새 브레이크 패드는 얼마이고, 미리 예약을 해야 하나요?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363621),
	('01a221cc-3edd-7028-871a-1a33f43ba505', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3eb2-7343-b310-4e785b8162f7', 3, 'user', 'காலை வணக்கம்! கடந்த வசந்த காலத்தில் உங்கள் கடையில் ஒரு நீல நிற மிதிவண்டி வாங்கினேன்; நேற்று முதல் மழை பெய்யும்போதெல்லாம் பின் பிரேக் மிகவும் சத்தமாக ஒலிக்கிறது. உங்கள் தொழிலாளர்களில் ஒருவர் இந்த வாரம் அதைப் பார்க்க முடியுமா? நான் ஐந்து மணி வரை வேலை செய்கிறேன், எனவே வியாழக்கிழமை மாலை அல்லது சனிக்கிழமை காலை எனக்கு வசதியாக இருக்கும். புதிய பிரேக் பேட்களின் விலை என்ன, முன்பதிவு செய்ய வேண்டுமா?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363293),
	('01a221cc-4024-7176-8a3f-2d3c34780326', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-4005-7030-9b6d-b839bd8e14e7', 4, 'ai', '토요일에는 몇 시에 문을 여나요?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363621),
	('01a221cc-4289-722e-a4a5-502c33ddcd2b', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4289-722f-b19e-519271b46e7f', 1, 'user', 'Thứ bảy cửa hàng mở cửa lúc mấy giờ?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863364233),
	('01a221cc-4285-7317-a086-3d4d33689304', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4289-722f-b19e-519271b46e7f', 2, 'ai', 'Is the shop open? 🚲🤔🕘', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863364233),
	('01a221cc-42ca-7265-9076-b1866cffa8a0', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-42ca-7266-a19c-15da54bcc3e9', 1, 'user', 'Cumartesi günleri kaçta açıyorsunuz?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863364298),
	('01a221cc-42ca-7264-a4a0-c5524bf08f65', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-42ca-7266-a19c-15da54bcc3e9', 2, 'ai', 'Is the shop open? 🚲🤔🕘', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863364298),
	('01a221cc-3f69-71c2-8edb-24e077cd09b6', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3f56-73a5-9e45-0bf5e5c15c2e', 3, 'user', '早上好！去年春天我在你们店里买了一辆蓝色的城市自行车，从昨天开始，一下雨后刹车就发出很大的响声。这个星期能不能请你们的师傅帮我看一下？我每天工作到下午五点，所以星期四晚上或者星期六上午对我最方便。换一套新的刹车片要多少钱？需要提前预约吗？', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363433),
	('01a221cc-3f69-71c1-9e98-3f6f4f1c27a8', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3f56-73a5-9e45-0bf5e5c15c2e', 4, 'ai', '你们星期六几点开门？', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363433),
	('01a221cc-4005-702f-9bd3-3ad6ae5448d9', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-4005-7030-9b6d-b839bd8e14e7', 1, 'user', '토요일에는 몇 시에 문을 여나요?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363589),
	('01a221cc-4005-702e-99a3-e9befa7a1790', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-4005-7030-9b6d-b839bd8e14e7', 2, 'ai', '안녕하세요! 지난봄에 그 가게에서 파란색 시티 자전거를 샀는데, 어제부터 비가 올 때마다 뒤쪽 브레이크에서 아주 큰 소리가 납니다. 이번 주에 정비사 분이 한번 봐 주실 수 있을까요? 저는 다섯 시까지 일해서 목요일 저녁이나 토요일 오전이 가장 편합니다. 새 브레이크 패드는 얼마이고, 미리 예약을 해야 하나요?', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863363589),
	('01a221cc-4057-71be-a1cd-6602dd4c07f8', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4036-7105-b603-bebedab4c171', 3, 'user', 'დილა მშვიდობისა! გასულ გაზაფხულზე თქვენს მაღაზიაში ლურჯი ველოსიპედი ვიყიდე და გუშინდელიდან, როცა წვიმს, უკანა მუხრუჭი ძალიან ხმამაღლა ჭრიალებს. შეუძლია თქვენს ხელოსანს ამ კვირაში ნახოს? ხუთ საათამდე ვმუშაობ, ამიტომ ხუთშაბათს საღამოს ან შაბათს დილით მირჩევნია. რა ღირს ახალი ხუნდები და საჭიროა თუ არა წინასწარ ჩაწერა?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363671),
	('01a221cc-4085-72a0-af3d-e5e5c50405bf', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4085-72a1-a008-2a443036b114', 1, 'user', 'Շաբաթ օրը ժամը քանիսի՞ն եք բացվում:', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363717),
	('01a221cc-4085-729f-848a-6e18d9a17696', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-4085-72a1-a008-2a443036b114', 2, 'ai', 'Բարի լույս։ Անցյալ գարնանը ձեր խանութից կապույտ հեծանիվ եմ գնել, և երեկվանից հետևի արգելակը բարձր ձայն է հանում, երբ անձրև է գալիս։ Ձեր վարպետներից որևէ մեկը կարո՞ղ է այս շաբաթ նայել այն։ Ես աշխատում եմ մինչև ժամը հինգը, ուստի ինձ հարմար է հինգշաբթի երեկոյան կամ շաբաթ առավոտյան։ Որքա՞ն արժեն նոր կոճղակները, և պե՞տք է նախապես գրանցվել։', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863363717),
	('01a221cc-40d1-7229-b0a9-a2d73d44a973', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-40c0-70c9-b583-2b63779d590e', 3, 'user', 'እንደምን አደራችሁ! ባለፈው ዓመት ከሱቃችሁ ሰማያዊ ብስክሌት ገዝቼ ነበር፤ ከትናንት ጀምሮ ዝናብ ሲዘንብ የኋላው ፍሬን ከፍተኛ ድምፅ ያሰማል። በዚህ ሳምንት ከባለሙያዎቻችሁ አንዱ ሊያየው ይችላል? እስከ አሥራ አንድ ሰዓት ድረስ ስለምሠራ ሐሙስ ማታ ወይም ቅዳሜ ጠዋት ይመቸኛል። አዲስ ፍሬን ስንት ያወጣል? ቀጠሮ መያዝ ያስፈልገኛል?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363793),
	('01a221cc-40d1-7228-9af4-ac76fae4ef0d', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-40c0-70c9-b583-2b63779d590e', 4, 'ai', 'ቅዳሜ ስንት ሰዓት ትከፍታላችሁ?', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363793),
	('01a221cc-4120-705f-bab6-8a85a3eda015', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-40fe-72a5-a71b-3c8c354df53f', 3, 'user', 'Hi there 👋🏽 My bike 🚲 squeaks when it rains 🌧️🌧️ and my family 👩‍👩‍👧‍👦 wants to ride on Saturday ☀️😎! Can you fix it? 🙏🏾🔧 We live in 🇧🇩 and 🇳🇴, love your shop ❤️‍🔥, and pay well 💶💯. Thanks a lot 🧑🏿‍🔧✨🎉😀😀', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863363872),
	('01a221cc-4120-705e-a213-4c71874aaa34', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-40fe-72a5-a71b-3c8c354df53f', 4, 'ai', 'Is the shop open? 🚲🤔🕘', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863363872),
	('01a221cc-40fd-72c5-a320-22def0314f27', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-40fe-72a5-a71b-3c8c354df53f', 2, 'ai', 'Hi there 👋🏽 My bike 🚲 squeaks when it rains 🌧️🌧️ and my family 👩‍👩‍👧‍👦 wants to ride on Saturday ☀️😎! Can you fix it? 🙏🏾🔧 We live in 🇧🇩 and 🇳🇴, love your shop ❤️‍🔥, and pay well 💶💯. Thanks a lot 🧑🏿‍🔧✨🎉😀😀', 'complete', NULL, 'scripted', 7, 2, NULL, NULL, 1795863363838);
INSERT INTO public.messages VALUES
	('01a221cc-42f9-73cb-a5ae-374af56c0c05', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-42f9-73cc-869f-50573f89f19e', 1, 'user', 'Во сколько вы открываетесь в субботу?', 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 1795863364345),
	('01a221cc-42f9-73ca-9724-ddef1773be8e', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-42f9-73cc-869f-50573f89f19e', 2, 'ai', 'Is the shop open? 🚲🤔🕘', 'complete', NULL, 'scripted', 7, 1, NULL, NULL, 1795863364345);


--
-- Data for Name: one_time_tokens; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: operator_refresh_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.operator_refresh_tokens VALUES
	('\x48135d8f3ffae1f9f2ad5dee2bea914d3b93655071e800245972e20cb073235f', '01a221cc-325d-719b-80e1-9218ba56ebf8', NULL);


--
-- Data for Name: operator_sessions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.operator_sessions VALUES
	('01a221cc-325d-719b-80e1-9218ba56ebf8', '01a221cc-31c9-7010-b588-4f9392bfb9ed', '127.0.0.1', 'python-httpx/0.28.1', 1795863360087, 1795863360087, 1795906560087);


--
-- Data for Name: operators; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.operators VALUES
	('01a221cc-31c9-7010-b588-4f9392bfb9ed', 'root', 'root', 'root', NULL, '$argon2id$v=19$m=19456,t=2,p=1$xdcCR4IhIs1vXGDKvy3wIg$NdOGELqB5ShVadggnCt6x7+waRo3a6lWJucAD92Sqxw', 'admin', NULL, NULL, NULL, 1795863359945, 1795863359945),
	('01a221cc-3ae0-736d-bdbe-b18597610e8a', 'help', 'help', 'Help', NULL, '$argon2id$v=19$m=19456,t=2,p=1$TWhanmKQ/TiL6hWkmWtTZg$GaER64HJ2HGQ1h++qNmAmcqXPMbMVA2nCCn2hQhmpjQ', 'staff', 2, NULL, NULL, 1795863362272, 1795863362272);


--
-- Data for Name: plans; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.plans VALUES
	('pro', 'Pro', 'pro', 600, 1000, 10000, 100000000, 500, 100, NULL, 0, 0, 0),
	('enterprise', 'Enterprise', 'enterprise', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0),
	('free', 'Free', 'free', 100000, 100000, 100000, 5000000, 20, 10, NULL, 1, 0, 0),
	('01a221cc-3a3f-72ba-a9f5-c395ee1e9c8a', 'দল', 'দল', 600, NULL, NULL, 50000000, NULL, NULL, NULL, 0, 1795863362111, 1795863362111);


--
-- Data for Name: prices; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.prices VALUES
	('openai/scripted', 2500000, 10000000, 1795863362097);


--
-- Data for Name: prompts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.prompts VALUES
	('01a221cc-33a0-72f2-8fe9-fde64309eac2', '01a221cc-3398-7240-9b5b-c51b65f9b8dc', '01a221cc-339d-73e5-b6a0-ce5c846135a7', 1, 'You are a helpful assistant. Answer clearly and briefly.', 1, 1795863360400),
	('01a221cc-34da-70cb-84c7-119460428dc3', '01a221cc-34d6-7066-b510-9f117ff009f6', '01a221cc-34d7-70e5-a8ee-643ca703a697', 1, 'You are a helpful assistant. Answer clearly and briefly.', 1, 1795863360723),
	('01a221cc-362e-703d-b594-925fed63eb1b', '01a221cc-361e-72b6-b471-195e3a439119', '01a221cc-3625-719f-bd1f-f6267e36dcf9', 1, 'You are a helpful assistant. Answer clearly and briefly.', 1, 1795863361052),
	('01a221cc-37b1-7304-a640-919e4bd62102', '01a221cc-37a8-711d-9660-125736f6c8bb', '01a221cc-37a9-737a-aeba-aa8260c419da', 1, 'You are a helpful assistant. Answer clearly and briefly.', 1, 1795863361444),
	('01a221cc-38d5-73e8-8678-d25a4cfa69e2', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-38d3-70c1-8ab0-9ea049ae4aa7', 1, 'You are a helpful assistant. Answer clearly and briefly.', 1, 1795863361747),
	('01a221cc-3906-72d3-9efd-6a06ca1e4084', '01a221cc-3903-70f3-84f3-2490db1db82d', '01a221cc-3905-70d5-b02f-1deaf56f1fdc', 1, 'You are a helpful assistant. Answer clearly and briefly.', 1, 1795863361797),
	('01a221cc-398d-736d-8f89-27a719e0db8e', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', 2, 'সুপ্রভাত! গত বসন্তে আমি আপনাদের দোকান থেকে একটি নীল সাইকেল কিনেছিলাম, আর গতকাল থেকে বৃষ্টি হলেই পেছনের ব্রেকটা খুব জোরে শব্দ করছে। আপনাদের কোনো মিস্ত্রি কি এই সপ্তাহে সেটা একবার দেখতে পারবেন? আমি বিকেল পাঁচটা পর্যন্ত কাজ করি, তাই বৃহস্পতিবার সন্ধ্যা বা শনিবার সকাল আমার জন্য সবচেয়ে সুবিধাজনক। নতুন ব্রেক প্যাডের দাম কত, আর আগে থেকে সময় নিতে হবে কি?', 0, 1795863361931),
	('01a221cc-3978-734e-b8c7-e947e39fc2d5', '01a221cc-38d2-7378-a267-5d0c49f2e50c', '01a221cc-3940-71d2-9077-5816dec4c009', 1, 'You help the customers of {{user.first_name}}.', 1, 1795863361907);


--
-- Data for Name: providers; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: recovery_codes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: refresh_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refresh_tokens VALUES
	('\x91d9f705f82a5ef979286e3c0f82d4deb6e85a4e6c78d2d72152cbf3694cdde9', '01a221cc-3453-7177-b8d9-4446f6adf60c', NULL),
	('\xf3e46c5db8d5f2ce48556f010d23ba8891aa3ed4c6a50d580098f11a6181e62d', '01a221cc-3572-7248-a7bf-13b316745fa3', NULL),
	('\xb0aecd843912143e84d016f07e4a444a356825a4532aac5016d4c55b4c091b02', '01a221cc-36dd-7078-9022-90422891e909', NULL),
	('\xd64c8eed81ad5bf5a35875d4f3f9c0a90bef4bf8ae86264501f74b166a8e624f', '01a221cc-43ed-7046-9de7-4da8be74dc01', NULL),
	('\x996abdf63ed896de9d6794c3169d4e1ce43a2035a837bac72059ff58c6ff31e7', '01a221cc-4568-70de-bb61-5a5776c812ea', NULL),
	('\xd4d0c6bccaa0ec82040180e7b8f180206032f094cc520f667ab30bb75198a15d', '01a221cc-46e9-7067-a626-de97cde23711', NULL);


--
-- Data for Name: replaced_keys; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: reservations; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: schema_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.schema_migrations VALUES
	(1, 'first conversation', 1795863357983),
	(2, 'keys and context', 1795863358298),
	(3, 'operators', 1795863358545),
	(4, 'plans and credits', 1795863358852),
	(5, 'records', 1795863359100),
	(6, 'visitors share', 1795863359113);


--
-- Data for Name: second_factors; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sessions VALUES
	('01a221cc-36dd-7078-9022-90422891e909', '01a221cc-361c-71a4-8d9a-eab721f33e28', 'token', NULL, '127.0.0.1', 'python-httpx/0.28.1', 1795863361244, 1795863361244, 1798455361244),
	('01a221cc-3453-7177-b8d9-4446f6adf60c', '01a221cc-3390-72c4-93a9-7f8834f27788', 'token', NULL, '127.0.0.1', 'python-httpx/0.28.1', 1795863360594, 1795863360594, 1798455360594),
	('01a221cc-3572-7248-a7bf-13b316745fa3', '01a221cc-34d3-736d-b781-b6746315f6e8', 'token', NULL, '127.0.0.1', 'python-httpx/0.28.1', 1795863360880, 1795863360880, 1798455360880),
	('01a221cc-43ed-7046-9de7-4da8be74dc01', '01a221cc-3390-72c4-93a9-7f8834f27788', 'token', NULL, '127.0.0.1', 'python-httpx/0.28.1', 1795863364588, 1795863364588, 1798455364588),
	('01a221cc-4568-70de-bb61-5a5776c812ea', '01a221cc-34d3-736d-b781-b6746315f6e8', 'token', NULL, '127.0.0.1', 'python-httpx/0.28.1', 1795863364964, 1795863364964, 1798455364964),
	('01a221cc-46e9-7067-a626-de97cde23711', '01a221cc-361c-71a4-8d9a-eab721f33e28', 'token', NULL, '127.0.0.1', 'python-httpx/0.28.1', 1795863365352, 1795863365352, 1798455365352);


--
-- Data for Name: signing_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.signing_keys VALUES
	('01a221cc-3269-7215-90b0-8110e2cd357f', 'gAAAAABrCrNAZFs4byfucVb9AgClUNiNiA3zJhfWtZ4xwymP03vvBc8rCe1VHbdA5sPMcwOjID8g-y7SNgLBisHWw2via4i1dRZq-7twkTStzlHvEghPDE3qUgqdrmHxtyUfAhVn1HTQEsog7ym__Slzocuz-LYRABb3IQj_q-Oi8X3dNVACTjmC68stQqDXb7ChxEWeNo-3mFNVINIKytA3tvIiw8s2swTWrxvp_qbvxrnui6NGm4o4t9CtjjGYkFDP-FVkGkAPneNQ9rTQL2Y5D629QPTkpd0226qeXoCWLfEdTowaUz4VIMIn93cGWvqjmCz4N0_t1g-WWaKOqf0k1RL4CWSzF-GS8lHUDWvBxMyVoSEhoLgpzKLLBayZuhaaQt2io_gqDdv7P5w2FSNLkfSiOpQP7A==', 1795863360106);


--
-- Data for Name: staff_accesses; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: tickets; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: user_exports; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.users VALUES
	('01a221cc-37a4-737a-bd1b-7449945ab626', 'gone', 'gone', 'gone@example.com', 'gone@example.com', NULL, '$argon2id$v=19$m=19456,t=2,p=1$KoX3M6nsYz70jxezKpCXCw$XOKwFZ1Ju7w1w/YaWgLS802SiSnUcZNuP47Lxq6wzW4', NULL, NULL, 1795863362300, 1795863361444, 1795863362300, 1795863361645, 'free', NULL),
	('01a221cc-34d3-736d-b781-b6746315f6e8', 'omar', 'omar', 'omar@example.com', 'omar@example.com', NULL, '$argon2id$v=19$m=19456,t=2,p=1$8NBSpr/89pd4hr80r8szwg$bZG22uOcBenVfECzNmf8VhQyAGOONu0nMbCSA/vtHUI', 'gAAAAABrCrNAEt3cNqH_v9Q2nMSmEhm4VcRHzmVGJ7DYilyeb6CEUOuUXDWpaaN4NGKWvFDXAsB9jI3lUw8tO9MNJlMulQEoGCH-ZpIzLVmXMspYzFTUBek=', NULL, NULL, 1795863360723, 1795863360723, 1795863364964, 'free', NULL),
	('01a221cc-361c-71a4-8d9a-eab721f33e28', 'li', 'li', NULL, NULL, NULL, '$argon2id$v=19$m=19456,t=2,p=1$P7Xyxsxp4GYfWw/j+gXzAA$Lkbv7z2cMLpxTlKO8Rb8uTP0+7oSSzUPv80a1t6zrqg', 'gAAAAABrCrNBMugN5EtPKbbgp8cn8c2W6Xuqz_hGgK_Mn3DS0CL6NieFE7FRxdbhi8y6yJiVKCMlXXj3TmdA62UL5nzBLbOHTCf6w5B4HbRdqS0_u0bWp_Y=', NULL, NULL, 1795863361052, 1795863361052, 1795863365352, 'free', NULL),
	('01a221cc-3390-72c4-93a9-7f8834f27788', 'asha', 'asha', 'asha@example.com', 'asha@example.com', NULL, '$argon2id$v=19$m=19456,t=2,p=1$ZBlyBxRXe8dZJV5E4blEZg$GO4epZ4p2MNKHD92sOh0TePj4IochDBKcgTXBTE36Es', 'gAAAAABrCrNBhsa9itxbnCrHNS4XPyz90kEgiOrrp8_bOkbV0n0ns2ACgRkRLSDUfHGCEEmnM_pwrfZ0NtXfQtsU8oa2VBBGsXZRJTkHV7G6FUx8_AP8eHW9QGZ9Ti0olnRb2swlVidbvVeuSb1PunuPOlUXj1--AHuCypRrzI3SMY-z-B8Xh_8oPVEEgINc0plz_Q4AbLfXOgpzFGxUbkYt16eb0DbtWTquHL_vuXnAEHFGO_JNcdK4obg9-3vS0PEuag71Unv5Is2XKN1-2nysmVCWE6cOI1MF0hWgIA8_THhCs71VZzCo7B44TKp6tzkBcowZ48kGt-k3Sd8JQqvzNMdGZ0rronanHmo0R6GG6DUdPDqS8jzTVsAnQvEu97l-TII3et62KPovZ0CoMyyQXLTT905yBrXWd9wXWH6L5gFtky5nu1oBlssq7TJkWWOYLWSnrwpn6emi5Tj5Yr5pn1bmkwsrz3mh7-Owj7cR9dZOYnSbMzcK0aFNVZAyy4H-sP8UGSer_IY4--9fsIy4XPQZTJcwUwfkk-5v6I52SpnNXwWDS7Pc8g2DSJ8o4TEkAB4hqUxE6uEkSmD9mWjBD0UUHVOUYXZzYzOqewstPlcMV_ob3ghSBa28WAosOIlvqX-kJUI8Cv20FI1Bpvbq9M_fqrr9OXnkmhzDG5fpTf2fQX7uq_trTO8PhWRd5i7gS3OUDCqmaevsROO-hBGrzQuDs0eq4Mndq4nUkTOKheNCWClF0VYWucsYlgBt6sS__67c9QcYsIu6PdSW0U3q_TSKDXHtbSPEvJIeRNp9UYjc26-5_8FapRFazjRI8jZkmhtGYN6zr2k5g418dduJ8GuuDvqrDT5izDO3ZyM3ClFrwPgsKUEVoCjTRnweJi5bs4mGNsByhuue8xpDQbKavoNfpu9m8MSj9ckOx08N8xvEKvmhwbRusBNnAciI9PXz1BHyyZ_xg7IxJIwc5n4kukbngZLt54b2ksQ-rXlf6-vxmtS1P1BkUQYASNi5k8-BAgwNdAS2ws6WgwxMj5e2TAjSEcT8ZxSr7elVXhpSrMAyDneKKATmNfrnG09stGTxd2yW1i_My-h5KjBbVk60sB0NREoZ0KECRN2OX3Ba2T6U1c79VFf2fnRg-mkGFMtL_xaRS6EW4V4yaWYlAdTjFpBi2Xc4vFFbH4SCjBsNw7uNkFUIjAfpdmj3b2thC1gc_RavUQMBcYbVsdrR4WXa8lvowAd-JOWwhxHy81dgGhE3OTAEgOdnibDYJealt3C7pgzeKX6Yr_SCvF6wEb1maoJ-m_8pNE5ozE20sEo2aXBBxQLzWk-rNsWY6XDib5nEINxotNGE6A28R177xRNWSSoxiIkN1AJzP4XoZINxZwJfIB8KHglsFP2q-26KYRLxXjG5gb0jwIy66CQN3altaf3l8sUfMOYmgMSOApGnYxt1mK5CJosSCealGGxpkrb95sWFUnSjvib62GsNx3c4zxS4a1xLD6mmeBLrjL-g90D96PpnKqg=', NULL, NULL, 1795863360400, 1795863362127, 1795863364588, '01a221cc-3a3f-72ba-a9f5-c395ee1e9c8a', NULL);


--
-- Data for Name: workspaces; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.workspaces VALUES
	('01a221cc-3398-7240-9b5b-c51b65f9b8dc', 'asha', '01a221cc-3390-72c4-93a9-7f8834f27788', 1795863360400, 1795863360400),
	('01a221cc-34d6-7066-b510-9f117ff009f6', 'omar', '01a221cc-34d3-736d-b781-b6746315f6e8', 1795863360723, 1795863360723),
	('01a221cc-361e-72b6-b471-195e3a439119', 'li', '01a221cc-361c-71a4-8d9a-eab721f33e28', 1795863361052, 1795863361052),
	('01a221cc-38d2-7378-a267-5d0c49f2e50c', 'সাইকেলের দোকান', NULL, 1795863361746, 1795863361746),
	('01a221cc-3903-70f3-84f3-2490db1db82d', 'متجر الدراجات', NULL, 1795863361795, 1795863361795),
	('01a221cc-37a8-711d-9660-125736f6c8bb', 'gone', '01a221cc-37a4-737a-bd1b-7449945ab626', 1795863361444, 1795863361444);


--
-- Name: api_keys api_keys_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_hash_key UNIQUE (hash);


--
-- Name: api_keys api_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);


--
-- Name: audit_entries audit_entries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_entries
    ADD CONSTRAINT audit_entries_pkey PRIMARY KEY (id);


--
-- Name: audit_seals audit_seals_entry_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_seals
    ADD CONSTRAINT audit_seals_entry_id_key UNIQUE (entry_id);


--
-- Name: audit_seals audit_seals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_seals
    ADD CONSTRAINT audit_seals_pkey PRIMARY KEY (sequence);


--
-- Name: chatbots chatbots_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.chatbots
    ADD CONSTRAINT chatbots_pkey PRIMARY KEY (id);


--
-- Name: chatbots chatbots_workspace_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.chatbots
    ADD CONSTRAINT chatbots_workspace_id_id_key UNIQUE (workspace_id, id);


--
-- Name: chatbots chatbots_workspace_id_slug_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.chatbots
    ADD CONSTRAINT chatbots_workspace_id_slug_key UNIQUE (workspace_id, slug);


--
-- Name: conversations conversations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (id);


--
-- Name: conversations conversations_workspace_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_workspace_id_id_key UNIQUE (workspace_id, id);


--
-- Name: credits credits_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credits
    ADD CONSTRAINT credits_pkey PRIMARY KEY (user_id);


--
-- Name: daily_usage daily_usage_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.daily_usage
    ADD CONSTRAINT daily_usage_pkey PRIMARY KEY (user_id, day);


--
-- Name: deleted_users deleted_users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deleted_users
    ADD CONSTRAINT deleted_users_pkey PRIMARY KEY (user_id);


--
-- Name: end_users end_users_chatbot_id_external_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.end_users
    ADD CONSTRAINT end_users_chatbot_id_external_id_key UNIQUE (chatbot_id, external_id);


--
-- Name: end_users end_users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.end_users
    ADD CONSTRAINT end_users_pkey PRIMARY KEY (id);


--
-- Name: end_users end_users_workspace_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.end_users
    ADD CONSTRAINT end_users_workspace_id_id_key UNIQUE (workspace_id, id);


--
-- Name: idempotency_keys idempotency_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (principal, key);


--
-- Name: ip_rules ip_rules_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ip_rules
    ADD CONSTRAINT ip_rules_pkey PRIMARY KEY (id);


--
-- Name: jobs jobs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);


--
-- Name: jobs jobs_unique_key_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_unique_key_key UNIQUE (unique_key);


--
-- Name: known_addresses known_addresses_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.known_addresses
    ADD CONSTRAINT known_addresses_pkey PRIMARY KEY (account_id, address);


--
-- Name: members members_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (workspace_id, user_id);


--
-- Name: message_logs message_logs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.message_logs
    ADD CONSTRAINT message_logs_pkey PRIMARY KEY (id);


--
-- Name: messages messages_conversation_id_position_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_conversation_id_position_key UNIQUE (conversation_id, "position");


--
-- Name: messages messages_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (workspace_id, id);


--
-- Name: one_time_tokens one_time_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.one_time_tokens
    ADD CONSTRAINT one_time_tokens_pkey PRIMARY KEY (hash);


--
-- Name: operator_refresh_tokens operator_refresh_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operator_refresh_tokens
    ADD CONSTRAINT operator_refresh_tokens_pkey PRIMARY KEY (hash);


--
-- Name: operator_sessions operator_sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operator_sessions
    ADD CONSTRAINT operator_sessions_pkey PRIMARY KEY (id);


--
-- Name: operators operators_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operators
    ADD CONSTRAINT operators_pkey PRIMARY KEY (id);


--
-- Name: operators operators_username_key_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operators
    ADD CONSTRAINT operators_username_key_key UNIQUE (username_key);


--
-- Name: plans plans_name_key_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_name_key_key UNIQUE (name_key);


--
-- Name: plans plans_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_pkey PRIMARY KEY (id);


--
-- Name: prices prices_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prices
    ADD CONSTRAINT prices_pkey PRIMARY KEY (model);


--
-- Name: prompts prompts_chatbot_id_version_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT prompts_chatbot_id_version_key UNIQUE (chatbot_id, version);


--
-- Name: prompts prompts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT prompts_pkey PRIMARY KEY (id);


--
-- Name: prompts prompts_workspace_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT prompts_workspace_id_id_key UNIQUE (workspace_id, id);


--
-- Name: providers providers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.providers
    ADD CONSTRAINT providers_pkey PRIMARY KEY (name);


--
-- Name: recovery_codes recovery_codes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (hash);


--
-- Name: refresh_tokens refresh_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash);


--
-- Name: replaced_keys replaced_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.replaced_keys
    ADD CONSTRAINT replaced_keys_pkey PRIMARY KEY (hash);


--
-- Name: reservations reservations_new_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reservations
    ADD CONSTRAINT reservations_new_pkey PRIMARY KEY (id);


--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);


--
-- Name: second_factors second_factors_operator_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_operator_id_key UNIQUE (operator_id);


--
-- Name: second_factors second_factors_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_pkey PRIMARY KEY (id);


--
-- Name: second_factors second_factors_user_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_user_id_key UNIQUE (user_id);


--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);


--
-- Name: sessions sessions_secret_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_secret_hash_key UNIQUE (secret_hash);


--
-- Name: signing_keys signing_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (id);


--
-- Name: staff_accesses staff_accesses_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_accesses
    ADD CONSTRAINT staff_accesses_pkey PRIMARY KEY (id);


--
-- Name: staff_accesses staff_accesses_workspace_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_accesses
    ADD CONSTRAINT staff_accesses_workspace_id_id_key UNIQUE (workspace_id, id);


--
-- Name: tickets tickets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (hash);


--
-- Name: user_exports user_exports_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_exports
    ADD CONSTRAINT user_exports_pkey PRIMARY KEY (id);


--
-- Name: users users_email_key_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key_key UNIQUE (email_key);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: users users_username_key_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_username_key_key UNIQUE (username_key);


--
-- Name: workspaces workspaces_personal_user_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT workspaces_personal_user_id_key UNIQUE (personal_user_id);


--
-- Name: workspaces workspaces_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT workspaces_pkey PRIMARY KEY (id);


--
-- Name: api_keys_by_chatbot; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_keys_by_chatbot ON public.api_keys USING btree (workspace_id, chatbot_id, id);


--
-- Name: api_keys_by_creator; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_keys_by_creator ON public.api_keys USING btree (created_by);


--
-- Name: api_keys_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_keys_by_user ON public.api_keys USING btree (user_id, id);


--
-- Name: audit_entries_by_action; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entries_by_action ON public.audit_entries USING btree (action, id);


--
-- Name: audit_entries_by_actor; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entries_by_actor ON public.audit_entries USING btree (actor, id);


--
-- Name: audit_entries_by_target; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entries_by_target ON public.audit_entries USING btree (target, id);


--
-- Name: chatbots_default; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX chatbots_default ON public.chatbots USING btree (workspace_id) WHERE (is_default = 1);


--
-- Name: conversations_by_application; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX conversations_by_application ON public.conversations USING btree (workspace_id, chatbot_id, updated_at, id) WHERE (user_id IS NULL);


--
-- Name: conversations_by_chatbot; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX conversations_by_chatbot ON public.conversations USING btree (workspace_id, chatbot_id, user_id, updated_at, id);


--
-- Name: conversations_by_end_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX conversations_by_end_user ON public.conversations USING btree (workspace_id, chatbot_id, end_user_id, updated_at, id) WHERE (user_id IS NULL);


--
-- Name: conversations_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX conversations_by_user ON public.conversations USING btree (user_id, workspace_id, updated_at, id);


--
-- Name: conversations_in_turn; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX conversations_in_turn ON public.conversations USING btree (turn_until) WHERE (turn_message_id IS NOT NULL);


--
-- Name: conversations_of_end_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX conversations_of_end_user ON public.conversations USING btree (workspace_id, end_user_id) WHERE (end_user_id IS NOT NULL);


--
-- Name: conversations_to_stop; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX conversations_to_stop ON public.conversations USING btree (turn_until) WHERE (turn_stop = 1);


--
-- Name: daily_usage_by_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX daily_usage_by_day ON public.daily_usage USING btree (day);


--
-- Name: deleted_users_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deleted_users_by_time ON public.deleted_users USING btree (deleted_at, user_id);


--
-- Name: end_users_by_chatbot; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX end_users_by_chatbot ON public.end_users USING btree (workspace_id, chatbot_id, id);


--
-- Name: idempotency_keys_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);


--
-- Name: jobs_by_state; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_by_state ON public.jobs USING btree (state, run_at);


--
-- Name: known_addresses_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX known_addresses_by_age ON public.known_addresses USING btree (used_at);


--
-- Name: members_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX members_by_user ON public.members USING btree (user_id, workspace_id);


--
-- Name: message_logs_by_chatbot; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX message_logs_by_chatbot ON public.message_logs USING btree (chatbot_id, created_at, id);


--
-- Name: message_logs_by_end_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX message_logs_by_end_user ON public.message_logs USING btree (end_user_id) WHERE (end_user_id IS NOT NULL);


--
-- Name: message_logs_by_payer; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX message_logs_by_payer ON public.message_logs USING btree (payer_id, id) WHERE ((user_id IS NULL) OR (user_id <> payer_id));


--
-- Name: message_logs_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX message_logs_by_time ON public.message_logs USING btree (created_at, id);


--
-- Name: message_logs_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX message_logs_by_user ON public.message_logs USING btree (user_id, created_at, id) WHERE (user_id IS NOT NULL);


--
-- Name: one_time_tokens_by_expiry; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX one_time_tokens_by_expiry ON public.one_time_tokens USING btree (expires_at);


--
-- Name: one_time_tokens_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX one_time_tokens_by_user ON public.one_time_tokens USING btree (user_id, purpose);


--
-- Name: operator_refresh_tokens_by_session; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX operator_refresh_tokens_by_session ON public.operator_refresh_tokens USING btree (session_id);


--
-- Name: operator_sessions_by_expiry; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX operator_sessions_by_expiry ON public.operator_sessions USING btree (expires_at);


--
-- Name: operator_sessions_by_operator; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX operator_sessions_by_operator ON public.operator_sessions USING btree (operator_id, id);


--
-- Name: plans_default; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX plans_default ON public.plans USING btree (is_default) WHERE (is_default = 1);


--
-- Name: prompts_active; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX prompts_active ON public.prompts USING btree (chatbot_id) WHERE (is_active = 1);


--
-- Name: recovery_codes_by_factor; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX recovery_codes_by_factor ON public.recovery_codes USING btree (factor_id);


--
-- Name: refresh_tokens_by_session; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX refresh_tokens_by_session ON public.refresh_tokens USING btree (session_id);


--
-- Name: replaced_keys_by_key; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX replaced_keys_by_key ON public.replaced_keys USING btree (key_id);


--
-- Name: reservations_by_expiry; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reservations_by_expiry ON public.reservations USING btree (expires_at);


--
-- Name: reservations_by_key; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reservations_by_key ON public.reservations USING btree (key_id);


--
-- Name: reservations_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reservations_by_user ON public.reservations USING btree (user_id);


--
-- Name: sessions_by_expiry; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sessions_by_expiry ON public.sessions USING btree (expires_at);


--
-- Name: sessions_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sessions_by_user ON public.sessions USING btree (user_id, id);


--
-- Name: staff_accesses_by_conversation; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX staff_accesses_by_conversation ON public.staff_accesses USING btree (conversation_id, operator_id);


--
-- Name: staff_accesses_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX staff_accesses_by_user ON public.staff_accesses USING btree (user_id, id);


--
-- Name: tickets_by_expiry; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tickets_by_expiry ON public.tickets USING btree (expires_at);


--
-- Name: user_exports_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX user_exports_by_age ON public.user_exports USING btree (created_at);


--
-- Name: user_exports_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX user_exports_by_user ON public.user_exports USING btree (user_id, id);


--
-- Name: users_by_email; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX users_by_email ON public.users USING btree (email_key COLLATE "C", id, deleted_at);


--
-- Name: users_by_plan; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX users_by_plan ON public.users USING btree (plan_id, id);


--
-- Name: users_by_username; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX users_by_username ON public.users USING btree (username_key COLLATE "C", id, deleted_at);


--
-- Name: users_disabled; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX users_disabled ON public.users USING btree (id) WHERE (disabled_at IS NOT NULL);


--
-- Name: audit_entries append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION public.audit_entries_append_only();


--
-- Name: api_keys api_keys_created_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;


--
-- Name: api_keys api_keys_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: api_keys api_keys_workspace_id_chatbot_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_workspace_id_chatbot_id_fkey FOREIGN KEY (workspace_id, chatbot_id) REFERENCES public.chatbots(workspace_id, id) ON DELETE CASCADE;


--
-- Name: api_keys api_keys_workspace_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;


--
-- Name: chatbots chatbots_workspace_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.chatbots
    ADD CONSTRAINT chatbots_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;


--
-- Name: conversations conversations_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: conversations conversations_workspace_id_chatbot_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_workspace_id_chatbot_id_fkey FOREIGN KEY (workspace_id, chatbot_id) REFERENCES public.chatbots(workspace_id, id) ON DELETE CASCADE;


--
-- Name: conversations conversations_workspace_id_end_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_workspace_id_end_user_id_fkey FOREIGN KEY (workspace_id, end_user_id) REFERENCES public.end_users(workspace_id, id) ON DELETE CASCADE;


--
-- Name: credits credits_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credits
    ADD CONSTRAINT credits_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: daily_usage daily_usage_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.daily_usage
    ADD CONSTRAINT daily_usage_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: deleted_users deleted_users_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deleted_users
    ADD CONSTRAINT deleted_users_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: end_users end_users_workspace_id_chatbot_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.end_users
    ADD CONSTRAINT end_users_workspace_id_chatbot_id_fkey FOREIGN KEY (workspace_id, chatbot_id) REFERENCES public.chatbots(workspace_id, id) ON DELETE CASCADE;


--
-- Name: members members_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: members members_workspace_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;


--
-- Name: messages messages_workspace_id_conversation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_workspace_id_conversation_id_fkey FOREIGN KEY (workspace_id, conversation_id) REFERENCES public.conversations(workspace_id, id) ON DELETE CASCADE;


--
-- Name: one_time_tokens one_time_tokens_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.one_time_tokens
    ADD CONSTRAINT one_time_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: operator_refresh_tokens operator_refresh_tokens_session_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operator_refresh_tokens
    ADD CONSTRAINT operator_refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.operator_sessions(id) ON DELETE CASCADE;


--
-- Name: operator_sessions operator_sessions_operator_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operator_sessions
    ADD CONSTRAINT operator_sessions_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES public.operators(id) ON DELETE CASCADE;


--
-- Name: prompts prompts_workspace_id_chatbot_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT prompts_workspace_id_chatbot_id_fkey FOREIGN KEY (workspace_id, chatbot_id) REFERENCES public.chatbots(workspace_id, id) ON DELETE CASCADE;


--
-- Name: recovery_codes recovery_codes_factor_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_factor_id_fkey FOREIGN KEY (factor_id) REFERENCES public.second_factors(id) ON DELETE CASCADE;


--
-- Name: refresh_tokens refresh_tokens_session_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;


--
-- Name: replaced_keys replaced_keys_key_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.replaced_keys
    ADD CONSTRAINT replaced_keys_key_id_fkey FOREIGN KEY (key_id) REFERENCES public.api_keys(id) ON DELETE CASCADE;


--
-- Name: reservations reservations_new_key_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reservations
    ADD CONSTRAINT reservations_new_key_id_fkey FOREIGN KEY (key_id) REFERENCES public.api_keys(id) ON DELETE SET NULL;


--
-- Name: reservations reservations_new_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reservations
    ADD CONSTRAINT reservations_new_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: second_factors second_factors_operator_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES public.operators(id) ON DELETE CASCADE;


--
-- Name: second_factors second_factors_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: sessions sessions_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: staff_accesses staff_accesses_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_accesses
    ADD CONSTRAINT staff_accesses_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: tickets tickets_session_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;


--
-- Name: users users_plan_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.plans(id);


--
-- Name: workspaces workspaces_personal_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT workspaces_personal_user_id_fkey FOREIGN KEY (personal_user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: api_keys; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.api_keys ENABLE ROW LEVEL SECURITY;

--
-- Name: chatbots; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.chatbots ENABLE ROW LEVEL SECURITY;

--
-- Name: conversations; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY;

--
-- Name: end_users; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.end_users ENABLE ROW LEVEL SECURITY;

--
-- Name: members; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.members ENABLE ROW LEVEL SECURITY;

--
-- Name: message_logs; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.message_logs ENABLE ROW LEVEL SECURITY;

--
-- Name: messages; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY;

--
-- Name: prompts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.prompts ENABLE ROW LEVEL SECURITY;

--
-- Name: staff_accesses; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.staff_accesses ENABLE ROW LEVEL SECURITY;

--
-- Name: api_keys workspace; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY workspace ON public.api_keys USING (
CASE ( SELECT current_setting('mynah.scope'::text, true) AS current_setting)
    WHEN 'system'::text THEN true
    WHEN 'workspace'::text THEN (workspace_id = ( SELECT current_setting('mynah.id'::text, true) AS current_setting))
    WHEN 'user'::text THEN (workspace_id = ANY (( SELECT public.visible_workspaces() AS visible_workspaces)::text[]))
    ELSE false
END);


--
-- Name: chatbots workspace; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY workspace ON public.chatbots USING (
CASE ( SELECT current_setting('mynah.scope'::text, true) AS current_setting)
    WHEN 'system'::text THEN true
    WHEN 'workspace'::text THEN (workspace_id = ( SELECT current_setting('mynah.id'::text, true) AS current_setting))
    WHEN 'user'::text THEN (workspace_id = ANY (( SELECT public.visible_workspaces() AS visible_workspaces)::text[]))
    ELSE false
END);


--
-- Name: conversations workspace; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY workspace ON public.conversations USING (
CASE ( SELECT current_setting('mynah.scope'::text, true) AS current_setting)
    WHEN 'system'::text THEN true
    WHEN 'workspace'::text THEN (workspace_id = ( SELECT current_setting('mynah.id'::text, true) AS current_setting))
    WHEN 'user'::text THEN (workspace_id = ANY (( SELECT public.visible_workspaces() AS visible_workspaces)::text[]))
    ELSE false
END);


--
-- Name: end_users workspace; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY workspace ON public.end_users USING (
CASE ( SELECT current_setting('mynah.scope'::text, true) AS current_setting)
    WHEN 'system'::text THEN true
    WHEN 'workspace'::text THEN (workspace_id = ( SELECT current_setting('mynah.id'::text, true) AS current_setting))
    WHEN 'user'::text THEN (workspace_id = ANY (( SELECT public.visible_workspaces() AS visible_workspaces)::text[]))
    ELSE false
END);


--
-- Name: members workspace; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY workspace ON public.members USING (
CASE ( SELECT current_setting('mynah.scope'::text, true) AS current_setting)
    WHEN 'system'::text THEN true
    WHEN 'workspace'::text THEN (workspace_id = ( SELECT current_setting('mynah.id'::text, true) AS current_setting))
    WHEN 'user'::text THEN (workspace_id = ANY (( SELECT public.visible_workspaces() AS visible_workspaces)::text[]))
    ELSE false
END);


--
-- Name: message_logs workspace; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY workspace ON public.message_logs USING (
CASE ( SELECT current_setting('mynah.scope'::text, true) AS current_setting)
    WHEN 'system'::text THEN true
    WHEN 'workspace'::text THEN (workspace_id = ( SELECT current_setting('mynah.id'::text, true) AS current_setting))
    WHEN 'user'::text THEN (workspace_id = ANY (( SELECT public.visible_workspaces() AS visible_workspaces)::text[]))
    ELSE false
END);


--
-- Name: messages workspace; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY workspace ON public.messages USING (
CASE ( SELECT current_setting('mynah.scope'::text, true) AS current_setting)
    WHEN 'system'::text THEN true
    WHEN 'workspace'::text THEN (workspace_id = ( SELECT current_setting('mynah.id'::text, true) AS current_setting))
    WHEN 'user'::text THEN (workspace_id = ANY (( SELECT public.visible_workspaces() AS visible_workspaces)::text[]))
    ELSE false
END);


--
-- Name: prompts workspace; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY workspace ON public.prompts USING (
CASE ( SELECT current_setting('mynah.scope'::text, true) AS current_setting)
    WHEN 'system'::text THEN true
    WHEN 'workspace'::text THEN (workspace_id = ( SELECT current_setting('mynah.id'::text, true) AS current_setting))
    WHEN 'user'::text THEN (workspace_id = ANY (( SELECT public.visible_workspaces() AS visible_workspaces)::text[]))
    ELSE false
END);


--
-- Name: staff_accesses workspace; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY workspace ON public.staff_accesses USING (
CASE ( SELECT current_setting('mynah.scope'::text, true) AS current_setting)
    WHEN 'system'::text THEN true
    WHEN 'workspace'::text THEN (workspace_id = ( SELECT current_setting('mynah.id'::text, true) AS current_setting))
    WHEN 'user'::text THEN (workspace_id = ANY (( SELECT public.visible_workspaces() AS visible_workspaces)::text[]))
    ELSE false
END);


--
-- Name: workspaces workspace; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY workspace ON public.workspaces USING (
CASE ( SELECT current_setting('mynah.scope'::text, true) AS current_setting)
    WHEN 'system'::text THEN true
    WHEN 'workspace'::text THEN (id = ( SELECT current_setting('mynah.id'::text, true) AS current_setting))
    WHEN 'user'::text THEN (id = ANY (( SELECT public.visible_workspaces() AS visible_workspaces)::text[]))
    ELSE false
END);


--
-- Name: workspaces; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.workspaces ENABLE ROW LEVEL SECURITY;

--
-- PostgreSQL database dump complete
--


