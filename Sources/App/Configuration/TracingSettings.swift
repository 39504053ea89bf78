import Foundation

/// Where traces go, by OpenTelemetry's own names of settings.
package struct TracingSettings: Sendable {
    /// The collector's address, without `/v1/traces`. Nil: nothing is traced.
    package var endpoint: String?
    /// Headers of each request to the collector, such as its key.
    package var headers: [(name: String, value: String)] = []
    package var serviceName = "mynah"
    /// Which share of the traces that begin here is kept, from 0 to 1.
    package var share = 1.0

    static func share(_ text: String) -> Double? { Double(text).flatMap { (0...1).contains($0) ? $0 : nil } }

    /// `name=value,name=value`, the values percent-encoded; nil for anything else.
    /// Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
    static func headers(_ text: String) -> [(name: String, value: String)]? {
        var headers: [(name: String, value: String)] = []
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = String(parts[1]).removingPercentEncoding,
                parts[0].utf8.allSatisfy({ $0 == UInt8(ascii: "-") || ($0 > 47 && $0 < 123) }),
                value.utf8.allSatisfy({ $0 >= 32 && $0 < 127 })
            else { return nil }
            headers.append((String(parts[0]), value))
        }
        return headers
    }
}
