import HTTPKit
import Hummingbird
import NIOCore

/// Prometheus' text format, version 0.0.4.
struct MetricsPage: Output {
    private(set) var text = ""

    static var schema: Schema? { nil }
    static var mediaTypes: [String] { ["text/plain"] }

    func response(_ status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// What the samples that follow are.
    mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{\(labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ","))}"
        }
        text += " \(Self.number(value))\n"
    }

    /// A family of one sample.
    mutating func gauge(_ name: String, _ help: String, _ value: Double) {
        family(name, "gauge", help)
        sample(name, [], value)
    }

    mutating func counter(_ name: String, _ help: String, _ value: Double) {
        family(name, "counter", help)
        sample(name, [], value)
    }

    static func number(_ value: Double) -> String {
        value == .infinity ? "+Inf" : Int64(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing(scalars: ["\\": "\\\\", "\"": "\\\"", "\n": "\\n"])
    }
}
