import Storage

extension Migrations {
    /// What knowledge files are searched by: their chunks, the words of each, and its vectors.
    static let knowledgeIndex = Migration(
        number: 18, name: "knowledge index", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            try tx.script(
                """
                ALTER TABLE files ADD COLUMN vectors_model TEXT;
                ALTER TABLE files ADD COLUMN indexed_chunks BIGINT NOT NULL DEFAULT 0;
                ALTER TABLE files ADD COLUMN indexed_at BIGINT;
                ALTER TABLE files ADD COLUMN index_due BIGINT;
                ALTER TABLE files ADD COLUMN index_attempts BIGINT NOT NULL DEFAULT 0;
                CREATE INDEX files_by_index ON files (kind, state, vectors_model);
                CREATE TABLE knowledge_chunks (
                    number \(dialect.rowNumberType) PRIMARY KEY,
                    workspace_id \(id) NOT NULL,
                    file_id \(id) NOT NULL,
                    position BIGINT NOT NULL,
                    start_at BIGINT NOT NULL,
                    end_at BIGINT NOT NULL,
                    page BIGINT,
                    heading TEXT,
                    text TEXT NOT NULL,
                    length BIGINT NOT NULL,
                    words \(dialect.wordsType) NOT NULL,
                    UNIQUE (workspace_id, file_id, position),
                    FOREIGN KEY (workspace_id, file_id) REFERENCES files (workspace_id, id) ON DELETE CASCADE
                );
                CREATE TABLE knowledge_vectors (
                    workspace_id \(id) NOT NULL,
                    file_id \(id) NOT NULL,
                    position BIGINT NOT NULL,
                    model TEXT NOT NULL,
                    vector \(dialect.blobType) NOT NULL,
                    PRIMARY KEY (workspace_id, file_id, position, model),
                    FOREIGN KEY (workspace_id, file_id, position)
                        REFERENCES knowledge_chunks (workspace_id, file_id, position) ON DELETE CASCADE
                );
                """)
            let statements =
                dialect.wordIndex(on: "knowledge_chunks", "words", key: "number")
                + ["knowledge_chunks", "knowledge_vectors"].flatMap { dialect.rowSecurity(table: $0) }
            for statement in statements { try tx.script(statement) }
        },
        down: { tx, dialect in
            for statement in dialect.dropWordIndex(on: "knowledge_chunks") { try tx.script(statement) }
            try tx.script(
                """
                DROP TABLE knowledge_vectors;
                DROP TABLE knowledge_chunks;
                DROP INDEX files_by_index;
                ALTER TABLE files DROP COLUMN index_attempts;
                ALTER TABLE files DROP COLUMN index_due;
                ALTER TABLE files DROP COLUMN indexed_at;
                ALTER TABLE files DROP COLUMN indexed_chunks;
                ALTER TABLE files DROP COLUMN vectors_model;
                """)
        })
}
