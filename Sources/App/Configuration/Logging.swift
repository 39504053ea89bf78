import Foundation
import HTTPKit
import JSON
package import Logging

package enum LogFormat: String, CaseIterable, Sendable { case text, json }

/// Writes one line for each entry, for people or for machines.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    let format: LogFormat
    private let label: String
    private let output: LogOutput

    package init(label: String, level: Logger.Level, format: LogFormat, output: LogOutput = .standardError) {
        self.label = label
        self.output = output
        logLevel = level
        self.format = format
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        let line: String
        switch format {
        case .json:
            var members: [String: JSONValue] = [
                "time": .string(Timestamp.now.iso8601), "level": .string(event.level.rawValue),
                "logger": .string(label),
                "message": .string(event.message.description),
            ]
            for (key, value) in all where members[key] == nil { members[key] = Self.json(value) }
            line = String(decoding: JSONValue.object(members).serialized(), as: UTF8.self) + "\n"
        case .text:
            var text = "\(Timestamp.now.iso8601) \(event.level.rawValue.uppercased()) \(event.message)"
            for (key, value) in all.sorted(by: { $0.key < $1.key }) {
                text += " "
                text += key
                text += "="
                text += Self.quoted(value.description)
            }
            line = text + "\n"
        }
        output.write(line)
    }

    private static func json(_ value: Logger.Metadata.Value) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value as Int): .int(Int64(value))
        case .stringConvertible(let value as Double): .double(value)
        case .stringConvertible(let value): .string(value.description)
        case .array(let items): .array(items.map(json))
        case .dictionary(let members): .object(members.mapValues(json))
        }
    }

    /// A value with spaces or line breaks must not look like more than one.
    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 32 && $0 != "\"" && $0 != "=" }
        return isPlain ? text : String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
    }
}
