import Configuration
import Foundation
import HTTPKit
import Platform
import Redis
import Storage

/// Reads single settings and collects what is wrong with them. Used by one task, while the server starts.
final class SettingReader {
    private let reader: ConfigReader
    var problems: [String] = []

    init(_ reader: ConfigReader) { self.reader = reader }

    func isSet(_ name: String) -> Bool { value(name) != nil }

    func text(_ name: String) -> String? { value(name) ?? setting(name).standard }

    private static let settings = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.name, $0) })

    private func setting(_ name: String) -> Setting {
        guard let setting = Self.settings[name] else { preconditionFailure("no setting \(name)") }
        return setting
    }

    /// Without the line ends and blanks that files of secrets and editors put around a value, and the mark that some put
    /// before it.
    private func value(_ name: String) -> String? {
        let key = ConfigKey(name.lowercased().split(separator: "_").map(String.init))
        let text = reader.string(forKey: key, isSecret: setting(name).isSecret)?.trimmingBlanks
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Removes one pair of quotes: Docker's `--env-file` keeps quotes that a shell removes.
    private func unquoted(_ name: String) -> String? {
        guard let text = text(name) else { return nil }
        guard text.count > 1, let quote = text.first, "\"'".contains(quote), text.last == quote else { return text }
        return String(text.dropFirst().dropLast()).trimmingBlanks
    }

    /// A credential that travels in a header.
    func key(_ name: String) -> String? {
        guard let text = unquoted(name) else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            problems.append(
                "\(name): a key is one line of plain ASCII without blanks. Something else came in between, such as a line "
                    + "break or a quotation mark.")
            return nil
        }
        return text
    }

    func databaseURL(_ name: String) -> String? {
        guard let text = unquoted(name) else { return nil }
        do throws(StorageError) {
            _ = try Database.file(of: text)
        } catch {
            problems.append("\(name): \(error.message)")
        }
        return text
    }

    func list(_ name: String) -> [String] {
        (text(name) ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    func choice<Value>(_ name: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = text(name) else { return nil }
        if let value = parse(text) { return value }
        problems.append("\(name): '\(text)' is not one of its values. \(setting(name).help)")
        return nil
    }

    func networks(_ name: String) -> [AddressRange] {
        list(name).compactMap { text in
            if let range = AddressRange(text) { return range }
            problems.append("\(name): '\(text)' is not an address or a network such as 10.0.0.0/8.")
            return nil
        }
    }

    /// What is wrong with it is said without the address, which may hold a password.
    func redis(_ name: String) -> RedisServer? {
        guard let text = unquoted(name) else { return nil }
        do throws(RedisServer.Problem) {
            return try RedisServer(text)
        } catch {
            problems.append(
                error == .needsTLS
                    ? "\(name): TLS is not supported; use redis:// through a tunnel or a private network."
                    : "\(name): this is not an address such as redis://:password@127.0.0.1:6379/0.")
            return nil
        }
    }

    func number(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = text(name) else { return nil }
        if let value = Int(text), range.contains(value) { return value }
        problems.append("\(name): '\(text)' is not a whole number from \(range.lowerBound) to \(range.upperBound).")
        return nil
    }

    func url(_ name: String) -> String? {
        guard let text = unquoted(name) else { return nil }
        if let url = URL(string: text), url.scheme == "http" || url.scheme == "https", url.host()?.isEmpty == false {
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        problems.append("\(name): '\(text)' is not an address that begins with http:// or https://.")
        return nil
    }
}
