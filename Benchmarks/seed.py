"""Rows written in bulk directly into the databases: a million conversations would take too long over HTTP."""

import sqlite3
import time

ROWS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count} - 1)"
QUESTION = "When are you open on Saturdays, and may I bring back what I bought last week if I still have the receipt?"
ANSWER = "We are open from nine to five on Saturdays, and of course you may: with the receipt, within thirty days of it."


class SQLiteStore:
    def __init__(self, path):
        self.path = path

    def run(self, *statements):
        connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        connection.close()

    def value(self, query):
        connection = sqlite3.connect(self.path, timeout=60)
        try:
            return connection.execute(query).fetchone()[0]
        finally:
            connection.close()

    def settle(self):
        self.run("ANALYZE")


class PostgresStore:
    def __init__(self, postgres, name):
        self.postgres = postgres
        self.name = name

    def run(self, *statements):
        self.postgres.sql(";\n".join(("BEGIN", *statements, "COMMIT")), self.name)

    def value(self, query):
        return int(self.postgres.sql(query, self.name))

    def settle(self):
        self.postgres.sql("VACUUM ANALYZE", self.name)


def digits(expression, width=12):
    """Formats a number with a fixed count of decimal digits, in SQL that both engines accept."""
    return f"substr(CAST(1{'0' * width} + {expression} AS TEXT), 2)"


class Pool:
    """Writes conversations of one user with the same number of messages each; `reset` removes what turns have added."""

    made = 0

    def __init__(self, candidate, conversations, messages):
        Pool.made += 1
        self.candidate = candidate
        self.conversations = conversations
        self.messages = messages
        self.number = Pool.made
        dash = "-" if candidate.kind == "mynah" else ""
        # Shaped like a UUID: 4 groups that name the pool, and twelve digits for the row.
        self.prefix = dash.join(("01900000", f"{self.number:04d}", "7000", "8000", ""))
        self.message_prefix = dash.join(("01900000", f"{self.number:04d}", "7001", "8000", ""))
        self.ids = [f"{self.prefix}{i:012d}" for i in range(conversations if messages else 0)]
        self.now = int(time.time() * 1000)
        self.insert()

    def insert(self):
        rows, count = ROWS.format(count=self.conversations), self.conversations * self.messages
        candidate, user = self.candidate, self.candidate.user["id"]
        identity = f"'{self.prefix}' || {digits('i')}"
        parent = f"'{self.prefix}' || {digits(f'i / {max(1, self.messages)}')}"
        message = f"'{self.message_prefix}' || {digits('i')}"
        text = f"CASE WHEN i % 2 = 0 THEN '{QUESTION}' ELSE '{ANSWER}' END"
        if candidate.kind == "mynah":
            workspace = candidate.user["workspace_id"]
            statements = [
                f"""INSERT INTO conversations
                (id, workspace_id, chatbot_id, user_id, title, last_position, created_at, updated_at) {rows}
                SELECT {identity}, '{workspace}', '{candidate.chatbot}', '{user}', 'Opening hours, number ' || i,
                {self.messages}, {self.now} - i, {self.now} - i FROM n"""
            ]
            if count:
                statements.append(
                    f"""INSERT INTO messages
                    (id, workspace_id, conversation_id, position, sender, content, status, model, prompt_tokens,
                     completion_tokens, created_at) {ROWS.format(count=count)}
                    SELECT {message}, '{workspace}', {parent}, i % {self.messages} + 1,
                    CASE WHEN i % 2 = 0 THEN 'user' ELSE 'ai' END, {text}, 'complete',
                    CASE WHEN i % 2 = 0 THEN NULL ELSE 'bench' END, CASE WHEN i % 2 = 0 THEN NULL ELSE 420 END,
                    CASE WHEN i % 2 = 0 THEN NULL ELSE 27 END, {self.now} - {count} + i FROM n"""
                )
        else:
            moment = f"'2026-01-01 00:' || {digits(f'i % {self.messages} / 60', 2)} || ':' || "
            moment += digits(f"i % {self.messages} % 60", 2)
            moment += " || '.000000'"
            moment = moment if candidate.engine == "sqlite" else f"CAST({moment} AS TIMESTAMP)"
            then = "'2026-01-01 00:00:00.000000'"
            then = then if candidate.engine == "sqlite" else f"CAST({then} AS TIMESTAMP)"
            statements = [
                f"""INSERT INTO conversations (id, chatbot_id, user_id, created_at) {rows}
                SELECT {identity}, '{candidate.chatbot}', '{user}', {then} FROM n""",
                f"""INSERT INTO messages (id, conversation_id, role, content, created_at) {ROWS.format(count=count)}
                SELECT {message}, {parent}, CASE WHEN i % 2 = 0 THEN 'user' ELSE 'assistant' END, {text}, {moment}
                FROM n""",
            ]
        candidate.store.run(*statements)

    @property
    def mine(self):
        return f"conversation_id >= '{self.prefix}' AND conversation_id < '{self.prefix}A'"

    def count(self, condition="1 = 1"):
        return self.candidate.store.value(f"SELECT count(*) FROM messages WHERE {self.mine} AND {condition}")

    def reset(self):
        statements = [f"DELETE FROM messages WHERE {self.mine} AND id NOT LIKE '{self.message_prefix}%'"]
        if self.candidate.kind == "mynah":
            statements.append(
                f"""UPDATE conversations SET last_position = {self.messages}
                WHERE id >= '{self.prefix}' AND id < '{self.prefix}A' AND last_position <> {self.messages}"""
            )
        self.candidate.store.run(*statements)
