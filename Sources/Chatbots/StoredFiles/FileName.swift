import Foundation
import HTTPKit

/// The name of a file as its user knows it. It is shown, and never used as a path.
enum FileName {
    /// Maximum length, in Unicode scalars.
    static let longest = 255
    static let rule = Rule.name(1...longest)

    /// The name without the folders before it. Throws `invalid_value` if nothing is left, or if the name has characters
    /// that are invisible or that change the direction of text.
    static func checked(_ text: String, param: String) throws(APIError) -> String {
        let name = text.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        if name.isEmpty || name == "." || name == ".." {
            throw .invalid(param, "'\(param)' needs a name.")
        }
        guard name.unicodeScalars.count <= longest else {
            throw .invalid(param, "The name of '\(param)' must have at most \(longest) characters.")
        }
        if let problem = NameText.problem(name) { throw .invalid(param, "The name of '\(param)' \(problem).") }
        return name
    }

    /// A name for the file at an address: the last part of its path, or its host.
    static func of(address: String) -> String {
        let rest = address.range(of: "://").map { address[$0.upperBound...] } ?? address[...]
        let place = rest.prefix { $0 != "?" && $0 != "#" }
        for part in place.split(separator: "/").reversed() {
            if let name = try? checked(part.removingPercentEncoding ?? String(part), param: "url") { return name }
        }
        return "file"
    }

    /// The letters and digits after the last full stop, in lower case; "" if there are none.
    static func ending(_ name: String) -> String {
        let ending = name.split(separator: ".").dropFirst().last?.lowercased() ?? ""
        return ending.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) } ? ending : ""
    }

    /// A `Content-Disposition` that makes a browser save the file (RFC 6266).
    static func attachment(_ name: String) -> String {
        let plain = String(
            name.unicodeScalars.map { scalar in
                scalar.isASCII && scalar.value >= 32 && scalar.value != 127 && !"\"\\%".unicodeScalars.contains(scalar)
                    ? Character(scalar) : "_"
            })
        var allowed = CharacterSet()
        allowed.insert(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&+-.^_`|~")
        let escaped = name.addingPercentEncoding(withAllowedCharacters: allowed) ?? plain
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(escaped)"
    }
}
