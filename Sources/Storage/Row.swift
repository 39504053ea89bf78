/// A column by its name or its position.
package protocol ColumnReference {
    func index(in source: any RowSource) -> Int?
}

extension String: ColumnReference {
    package func index(in source: any RowSource) -> Int? { source.index(of: self) }
}

extension Int: ColumnReference {
    package func index(in source: any RowSource) -> Int? { source.columns.indices.contains(self) ? self : nil }
}

/// What an engine gives to read its current row by: nil is NULL, another type than the asked one throws.
package protocol RowSource: AnyObject {
    var columns: [String] { get }
    func index(of column: String) -> Int?
    func string(at index: Int) throws(StorageError) -> String?
    func int64(at index: Int) throws(StorageError) -> Int64?
    func double(at index: Int) throws(StorageError) -> Double?
    func bytes(at index: Int) throws(StorageError) -> [UInt8]?
    /// What the row's texts and blobs hold.
    var byteCount: Int { get }
}

extension [String] {
    /// Rows are mostly read in the order of their columns, so the search begins at the likely one.
    func index(of column: String, after likely: inout Int) -> Int? {
        var index = likely
        for _ in indices {
            if index >= count { index = 0 }
            if self[index] == column {
                likely = index + 1
                return index
            }
            index += 1
        }
        return nil
    }
}

/// A view on the row a statement stands at, so it holds only inside the closure it was given to.
package struct Row {
    let source: any RowSource

    package var byteCount: Int { source.byteCount }

    package func string(_ column: some ColumnReference) throws(StorageError) -> String {
        let index = try index(column)
        return try present(source.string(at: index), index)
    }

    package func stringIfPresent(_ column: some ColumnReference) throws(StorageError) -> String? {
        try source.string(at: index(column))
    }

    package func int(_ column: some ColumnReference) throws(StorageError) -> Int {
        try Int(int64(column))
    }

    package func intIfPresent(_ column: some ColumnReference) throws(StorageError) -> Int? {
        try int64IfPresent(column).map(Int.init)
    }

    package func int64(_ column: some ColumnReference) throws(StorageError) -> Int64 {
        let index = try index(column)
        return try present(source.int64(at: index), index)
    }

    package func int64IfPresent(_ column: some ColumnReference) throws(StorageError) -> Int64? {
        try source.int64(at: index(column))
    }

    package func double(_ column: some ColumnReference) throws(StorageError) -> Double {
        let index = try index(column)
        return try present(source.double(at: index), index)
    }

    package func doubleIfPresent(_ column: some ColumnReference) throws(StorageError) -> Double? {
        try source.double(at: index(column))
    }

    package func bool(_ column: some ColumnReference) throws(StorageError) -> Bool {
        let index = try index(column)
        return try present(bool(at: index), index)
    }

    package func boolIfPresent(_ column: some ColumnReference) throws(StorageError) -> Bool? {
        try bool(at: index(column))
    }

    package func bytes(_ column: some ColumnReference) throws(StorageError) -> [UInt8] {
        let index = try index(column)
        return try present(source.bytes(at: index), index)
    }

    package func bytesIfPresent(_ column: some ColumnReference) throws(StorageError) -> [UInt8]? {
        try source.bytes(at: index(column))
    }

    private func bool(at index: Int) throws(StorageError) -> Bool? {
        switch try source.int64(at: index) {
        case nil: nil
        case 0: false
        case 1: true
        default: throw StorageError(.other, "column \(source.columns[index]) is neither 0 nor 1")
        }
    }

    private func index(_ column: some ColumnReference) throws(StorageError) -> Int {
        guard let index = column.index(in: source) else {
            throw StorageError(.other, "no column \(column) among \(source.columns.joined(separator: ", "))")
        }
        return index
    }

    private func present<T>(_ value: T?, _ index: Int) throws(StorageError) -> T {
        guard let value else { throw StorageError(.other, "column \(source.columns[index]) is NULL") }
        return value
    }
}
