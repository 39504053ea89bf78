import Storage

extension Migrations {
    /// A part of a file names its workspace in its references too, as every reference between rows of tenants does.
    static let filePartOwners = Migration(
        number: 22, name: "file part owners", dropsData: false,
        up: { tx, dialect in
            try tx.script("CREATE UNIQUE INDEX uploads_of_workspace ON uploads (workspace_id, id)")
            try FileParts(dialect, namesWorkspace: true).rebuild(tx)
        },
        down: { tx, dialect in
            try FileParts(dialect, namesWorkspace: false).rebuild(tx)
            try tx.script("DROP INDEX uploads_of_workspace")
        })
}

/// The table `file_parts` in one of its two forms.
private struct FileParts {
    private let dialect: Dialect
    private let namesWorkspace: Bool

    init(_ dialect: Dialect, namesWorkspace: Bool) {
        self.dialect = dialect
        self.namesWorkspace = namesWorkspace
    }

    private static let columns = "object, workspace_id, upload_id, file_id, position, bytes, sha256"
    private static let removed = "file_parts_removed"

    func rebuild(_ tx: Transaction) throws {
        if dialect == .sqlite {
            try makeAnew(tx)
        } else {
            for table in ["uploads", "files"] { try tx.script(alter(referenceTo: table)) }
        }
        try tx.script(indexes)
    }

    /// The indexes that a removed workspace, upload or file finds its parts by.
    private var indexes: String {
        guard namesWorkspace else {
            return """
                DROP INDEX IF EXISTS file_parts_of_upload;
                DROP INDEX IF EXISTS file_parts_of_file;
                CREATE INDEX file_parts_by_workspace ON file_parts (workspace_id);
                """
        }
        return """
            DROP INDEX IF EXISTS file_parts_by_workspace;
            CREATE INDEX file_parts_of_upload ON file_parts (workspace_id, upload_id);
            CREATE INDEX file_parts_of_file ON file_parts (workspace_id, file_id);
            """
    }

    private func alter(referenceTo table: String) -> String {
        let column = table == "uploads" ? "upload_id" : "file_id"
        let (plain, owned) = ("file_parts_\(column)_fkey", "file_parts_workspace_id_\(column)_fkey")
        guard namesWorkspace else {
            return """
                ALTER TABLE file_parts DROP CONSTRAINT \(owned);
                ALTER TABLE file_parts ADD CONSTRAINT \(plain)
                    FOREIGN KEY (\(column)) REFERENCES \(table) (id) ON DELETE CASCADE;
                """
        }
        return """
            ALTER TABLE file_parts DROP CONSTRAINT \(plain);
            ALTER TABLE file_parts ADD CONSTRAINT \(owned)
                FOREIGN KEY (workspace_id, \(column)) REFERENCES \(table) (workspace_id, id) ON DELETE CASCADE;
            """
    }

    /// SQLite changes no reference of a table that exists.
    private func makeAnew(_ tx: Transaction) throws {
        let id = dialect.idType
        try tx.script(
            """
            DROP TRIGGER \(Self.removed);
            ALTER TABLE file_parts RENAME TO file_parts_old;
            CREATE TABLE file_parts (
                object \(id) PRIMARY KEY,
                workspace_id \(id) NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                upload_id \(id)\(plainReference("uploads")),
                file_id \(id)\(plainReference("files")),
                position BIGINT NOT NULL,
                bytes BIGINT NOT NULL,
                sha256 \(dialect.blobType) NOT NULL,
                CHECK ((upload_id IS NULL) <> (file_id IS NULL)),
                UNIQUE (upload_id, position),
                UNIQUE (file_id, position)\(ownedReferences)
            );
            INSERT INTO file_parts (\(Self.columns)) SELECT \(Self.columns) FROM file_parts_old;
            DROP TABLE file_parts_old;
            """)
        for statement in dialect.trigger(
            Self.removed, after: "DELETE", on: "file_parts",
            ["INSERT INTO removed_objects (object) VALUES (OLD.object) ON CONFLICT (object) DO NOTHING"])
        {
            try tx.script(statement)
        }
    }

    private func plainReference(_ table: String) -> String {
        namesWorkspace ? "" : " REFERENCES \(table) (id) ON DELETE CASCADE"
    }

    private var ownedReferences: String {
        guard namesWorkspace else { return "" }
        return [("upload_id", "uploads"), ("file_id", "files")].map { column, table in
            ",\nFOREIGN KEY (workspace_id, \(column)) REFERENCES \(table) (workspace_id, id) ON DELETE CASCADE"
        }.joined()
    }
}
