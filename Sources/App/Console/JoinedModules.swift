/// Joins JavaScript modules to one, so that a page asks for all of them at once. Each keeps a scope of its own:
///
///     const { el, icon } = (() => {
///     …
///     return { el, icon };
///     })();
///
/// An import stands on one line and names what it takes without `as`; an export stands before what it exports.
struct JoinedModules {
    /// Returns a module's text by its path.
    private let read: (String) throws -> String
    private var joined: Set<String> = []
    private var parts: [String] = []

    /// - Parameter entry: The path of the module whose exports are those of the whole.
    static func text(of entry: String, read: @escaping (String) throws -> String) throws -> String {
        var modules = JoinedModules(read: read)
        try modules.add(entry, isEntry: true)
        return modules.parts.joined()
    }

    private init(read: @escaping (String) throws -> String) { self.read = read }

    private mutating func add(_ path: String, isEntry: Bool = false) throws {
        guard joined.insert(path).inserted else { return }
        var lines: [Substring] = []
        var names: [Substring] = []
        for line in try read(path).split(separator: "\n") {
            if line.hasPrefix("import ") {
                guard let other = line.split(separator: "\"").dropFirst().first else { continue }
                try add(Self.path(String(other), from: path))
            } else if line.hasPrefix("export ") {
                let declaration = line.dropFirst("export ".count)
                if let name = declaration.wholeMatch(of: Self.declaration)?.1 { names.append(name) }
                lines.append(declaration)
            } else {
                lines.append(line)
            }
        }
        let exports = "{ \(names.joined(separator: ", ")) }"
        parts.append(
            """
            \(isEntry ? "export " : "")const \(exports) = (() => {
            \(lines.joined(separator: "\n"))
            return \(exports);
            })();

            """)
    }

    private static var declaration: Regex<(Substring, Substring)> {
        /(?:async )?(?:function\*?|class|const|let) (\w+).*/
    }

    /// The path that a module means by `./name` or `../name`.
    private static func path(_ name: String, from path: String) -> String {
        var folders = path.split(separator: "/").dropLast()
        for part in name.split(separator: "/") where part != "." {
            if part == ".." { folders = folders.dropLast() } else { folders.append(part) }
        }
        return folders.joined(separator: "/")
    }
}
