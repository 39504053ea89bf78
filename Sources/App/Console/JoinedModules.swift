/// Joins JavaScript modules to one, so that a page asks for all of them at once. Each keeps a scope of its own:
///
///     const m2 = (() => {
///     const { el, icon: shape } = m1;
///     …
///     return { Panel };
///     })();
///
/// An import stands on one line; an export stands before what it exports. Comments, indentation and the ends of lines that end with a
/// comma, a semicolon or an opening bracket are left out; no line of a text begins like an import or a comment, and none needs its
/// spaces or such an end. Modules do not import each other in a circle.
struct JoinedModules {
    /// Returns a module's text by its path.
    private let read: (String) throws -> String
    /// The constant that holds a module's exports, by its path.
    private var names: [String: String] = [:]
    private var parts: [String] = []
    /// Made once for all lines: making one takes far longer than matching it.
    private let imported = /import (?:(?:\{(.*)\}|\* as (\w+)) from )?"(.+)";/
    private let declaration = /(?:async )?(?:function\*?|class|const|let) (\w+).*/

    /// - Parameter entry: The path of the module whose exports are those of the whole.
    static func text(of entry: String, read: @escaping (String) throws -> String) throws -> String {
        var modules = JoinedModules(read: read)
        let (name, exports) = try modules.add(entry)
        let last = exports.isEmpty ? "" : "export const { \(exports.joined(separator: ", ")) } = \(name);\n"
        return modules.parts.joined() + last
    }

    private init(read: @escaping (String) throws -> String) { self.read = read }

    private mutating func add(_ path: String) throws -> (name: String, exports: [Substring]) {
        var lines: [String] = []
        var exports: [Substring] = []
        for line in Self.lean(try read(path)) {
            if line.hasPrefix("import "), let found = line.wholeMatch(of: imported) {
                let (_, some, whole, other) = found.output
                let name = try self.name(of: Self.path(String(other), from: path))
                if let some { lines.append("const {\(some.replacing(" as ", with: ": "))} = \(name);") }
                if let whole { lines.append("const \(whole) = \(name);") }
            } else if line.hasPrefix("export ") {
                let declared = line.dropFirst("export ".count)
                if let name = declared.wholeMatch(of: declaration)?.1 { exports.append(name) }
                lines.append(String(declared))
            } else {
                lines.append(String(line))
            }
        }
        let name = "m\(parts.count)"
        names[path] = name
        parts.append(
            """
            const \(name) = (() => {
            \(lines.map(Self.ended).joined())return { \(exports.joined(separator: ", ")) };
            })();

            """)
        return (name, exports)
    }

    /// The lines of a script without indentation and comments.
    static func lean(_ text: String) -> [Substring] {
        text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { !$0.hasPrefix("//") }
    }

    /// A line with its end, if that is needed.
    private static func ended(_ line: String) -> String {
        line.last.map(",;{([".contains) == true && !line.contains("//") ? line : line + "\n"
    }

    private mutating func name(of path: String) throws -> String {
        try names[path] ?? add(path).name
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
