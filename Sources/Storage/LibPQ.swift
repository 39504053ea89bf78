import CLibPQ

/// libpq's functions. They are loaded for the first PostgreSQL database and not linked: libpq and the libraries behind it
/// take 4 MB of memory, which a server with SQLite does without.
let libpq = LibPQ.loaded.functions

extension LibPQ {
    fileprivate static let loaded: (functions: LibPQ, problem: String?) = {
        var functions = LibPQ()
        let problem = LibPQ_load(&functions).map { String(cString: $0) }
        return (functions, problem)
    }()

    static func require() throws(StorageError) {
        guard let problem = loaded.problem else { return }
        throw StorageError(.unavailable, "PostgreSQL needs libpq 14 or newer (Debian: apt install libpq5): \(problem)")
    }
}
