/// What a connection does after a failure.
enum PostgresRemedy {
    case none
    /// The transaction was chosen to make way for another one: run its body again.
    case runAgain
    /// The connection is of no more use, and what ran on it was not committed.
    case reconnect
    /// Likewise, but what ran on it must not be run again.
    case abandon

    init(state: String) {
        switch state {
        case "40001", "40P01": self = .runAgain
        // A plan or a name that a change of the schema or a pooler took away; a primary that no longer is one.
        case "0A000", "26000", "42P05", "25006", "57P01", "57P02", "57P03", "57P05": self = .reconnect
        default: self = state.hasPrefix("08") ? .reconnect : .none
        }
    }

    /// Reads the columns from a detail such as "Key (a, b)=(1, 2) already exists." in any language. Returns no columns
    /// if one of them is an expression, and nil if the text has another form.
    static func keyColumns(_ detail: String) -> [String]? {
        guard let start = detail.firstIndex(of: "("), let end = detail.firstRange(of: ")=(")?.lowerBound,
            start < end
        else { return nil }
        let list = detail[detail.index(after: start)..<end]
        if list.contains("(") { return [] }
        return list.split(separator: ", ").map { column in
            String(column).trimming("\"")
        }
    }
}

extension String {
    fileprivate func trimming(_ quote: Character) -> String {
        guard count > 1, first == quote, last == quote else { return self }
        return String(dropFirst().dropLast())
    }
}

extension StorageError {
    /// `state` is the SQLSTATE. What the server says of data that do not fit quotes them, so it is left out.
    init(postgres state: String, _ message: String, columns: [String], sql: String?) {
        let quotesValues = state.hasPrefix("22") || state.hasPrefix("P0")
        let hint =
            ["26000", "42P05"].contains(state) ? "; behind a pooler add prepared_statements=off to the URL" : ""
        self.init(
            Kind(postgres: state, columns),
            (quotesValues ? "a value does not fit" : message) + " (SQLSTATE \(state))" + hint
                + (sql.map { " in: \($0)" } ?? ""))
    }
}

extension StorageError.Kind {
    fileprivate init(postgres state: String, _ columns: [String]) {
        switch state {
        case "23505": self = .unique(columns: columns)
        case "23503": self = .foreignKey
        case "23514": self = .check
        case "23502": self = .notNull
        // Given up after several attempts, or taking too long.
        case "40001", "40P01", "55P03", "57014", "53200": self = .busy
        case "53100": self = .full
        case "58030": self = .io
        case "XX001", "XX002": self = .corrupt
        // A standby says 0A000 to a transaction that would write.
        case "0A000", "25006", "53300", "57P01", "57P02", "57P03", "57P05": self = .unavailable
        default: self = state.hasPrefix("08") ? .unavailable : .other
        }
    }
}
