import HTTPKit
import Platform

/// One setting: its name in the environment, its values, its default, what it means and which property keeps it. `Setting.all`
/// lists them; `--help` is made from the list, and `ServerConfiguration` reads every setting by its entry.
package struct Setting: Sendable {
    package let name: String
    /// What it means and which values it takes.
    package let help: String
    /// The default as one would write it; nil if nothing is the default.
    package let standard: String?
    package let isSecret: Bool
    /// Reads the setting and keeps its value, if it is set. Reports what is wrong with it to the reader.
    let read: @Sendable (SettingReader, inout ServerConfiguration) -> Void

    /// `DATABASE_URL` → `--database-url`.
    package var flag: String { "--" + name.lowercased().replacing("_", with: "-") }

    private init(
        _ name: String, _ help: String, standard: String? = nil, isSecret: Bool = false,
        read: @escaping @Sendable (SettingReader, inout ServerConfiguration) -> Void
    ) {
        self.name = name
        self.help = help
        self.standard = standard
        self.isSecret = isSecret
        self.read = read
    }

    typealias Path<Value> = any WritableKeyPath<ServerConfiguration, Value> & Sendable

    /// The defaults.
    private static let defaults = ServerConfiguration(resources: Resources(path: ""))

    /// A setting whose text `parse` understands, or refuses with nil.
    static func parsed<Value: Sendable>(
        _ name: String, _ path: Path<Value>, _ help: String, standard: String? = nil,
        _ parse: @escaping @Sendable (String) -> Value?
    ) -> Setting {
        Setting(name, help, standard: standard) { reader, configuration in
            guard let value = reader.choice(name, parse) else { return }
            configuration[keyPath: path] = value
        }
    }

    /// The same for a property that is nil without the setting.
    static func optional<Value: Sendable>(
        _ name: String, _ path: Path<Value?>, _ help: String, _ parse: @escaping @Sendable (String) -> Value?
    ) -> Setting {
        parsed(name, path, help) { text in parse(text).map { .some($0) } }
    }

    /// A whole number within a range, kept as `factor` times itself.
    static func number(
        _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ help: String, times factor: Int = 1
    ) -> Setting {
        let standard = defaults[keyPath: path] / factor
        return Setting(name, help + words(range), standard: String(standard)) { reader, configuration in
            guard let value = reader.number(name, range) else { return }
            configuration[keyPath: path] = value * factor
        }
    }

    /// A whole number of some unit of time.
    static func duration(
        _ name: String, _ path: Path<Duration>, in unit: Duration, _ range: ClosedRange<Int>, _ help: String
    ) -> Setting {
        let standard = Int(defaults[keyPath: path] / unit)
        return Setting(name, help + words(range), standard: String(standard)) { reader, configuration in
            guard let value = reader.number(name, range) else { return }
            configuration[keyPath: path] = unit * value
        }
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        " From \(range.lowerBound) to \(range.upperBound)."
    }

    static func isOn(_ name: String, _ path: Path<Bool>, _ help: String) -> Setting {
        parsed(name, path, "`on` or `off`: " + help, standard: defaults[keyPath: path] ? "on" : "off") {
            ["on": true, "off": false][$0]
        }
    }

    /// One of the names of an enumeration.
    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ path: Path<Value>, _ help: String
    ) -> Setting {
        let names = Value.allCases.map { "`\($0.rawValue)`" }
        return parsed(
            name, path, names.dropLast().joined(separator: ", ") + " or \(names.last ?? ""). " + help,
            standard: defaults[keyPath: path].rawValue
        ) { Value(rawValue: $0) }
    }

    static func text(_ name: String, _ path: Path<String>, _ help: String) -> Setting {
        parsed(name, path, help, standard: defaults[keyPath: path]) { $0 }
    }

    static func text(_ name: String, _ path: Path<String?>, _ help: String) -> Setting {
        optional(name, path, help) { $0 }
    }

    static func rate(_ name: String, _ path: Path<RateLimit>, _ help: String) -> Setting {
        parsed(name, path, help, standard: defaults[keyPath: path].text, RateLimit.init)
    }

    static func list(_ name: String, _ path: Path<[String]>, _ help: String) -> Setting {
        Setting(name, help) { reader, configuration in configuration[keyPath: path] = reader.list(name) }
    }

    static func url(_ name: String, _ path: Path<String?>, _ help: String) -> Setting {
        Setting(name, help) { reader, configuration in configuration[keyPath: path] = reader.url(name) }
    }

    static func networks(_ name: String, _ path: Path<[AddressRange]>, _ help: String) -> Setting {
        Setting(name, help) { reader, configuration in configuration[keyPath: path] = reader.networks(name) }
    }

    /// A setting with rules of its own, or that means something only beside others: the configuration reads it by its name.
    static func special(_ name: String, _ help: String, standard: String? = nil) -> Setting {
        Setting(name, help, standard: standard) { _, _ in }
    }

    /// A special one that is never shown, and not taken from the command line.
    static func secret(_ name: String, _ help: String) -> Setting {
        Setting(name, help, isSecret: true) { _, _ in }
    }
}
