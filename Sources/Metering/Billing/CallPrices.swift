package import HTTPKit
import JSON

/// What a model's vendor bills by call, apart from tokens, in micro-units.
package struct CallPrices: Sendable, Equatable {
    /// For each call.
    package var request: Int64 = 0
    /// For each search of the vendor's own that a call asks for; nil if calls may not ask for one.
    package var webSearch: Int64?

    package init() {}

    /// Reads `{"request": 5000, "web_search": 10000}`. Throws if a name or a price is none.
    package init(_ object: JSONObject) throws(APIError) {
        for (name, value) in object.members where !value.isNull {
            guard let price = value.int, (0...Price.highest).contains(price) else {
                throw .invalid(
                    "per_call.\(name)", "'per_call.\(name)' must be a whole number from 0 to \(Price.highest).")
            }
            switch name {
            case "request": request = price
            case "web_search": webSearch = price
            default:
                throw .invalid("per_call.\(name)", "'per_call' has prices for 'request' and 'web_search'.")
            }
        }
    }

    /// As the database holds it; what cannot be read has no price.
    package init(stored: String?) {
        self.init()
        guard let stored, case .object(let members)? = try? JSONValue(parsing: Array(stored.utf8)) else { return }
        do throws(APIError) { self = try CallPrices(JSONObject(members)) } catch {}
    }

    /// Nil if nothing has a price.
    package var object: JSONObject? {
        var members: [String: JSONValue] = [:]
        if request > 0 { members["request"] = .int(request) }
        if let webSearch { members["web_search"] = .int(webSearch) }
        return members.isEmpty ? nil : JSONObject(members)
    }

    package func cost(searches: Int) -> Int64 {
        request.addingSaturated(
            (webSearch ?? 0).multipliedSaturated(by: Int64(min(max(0, searches), 1_000_000))))
    }
}
