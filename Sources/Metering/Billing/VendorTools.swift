package import HTTPKit
package import JSON
import LLM

/// Tools that run at a model's vendor (web search, code, MCP servers, files) and are billed apart from tokens. What they
/// cost cannot be told before the call, so no reservation covers it: a request that asks for one is refused by name.
package enum VendorTools {
    /// The kinds of tools that the client runs itself.
    private static let own = ["function", "custom"]

    /// The client's own tools, without fields that only a vendor's tools have. Throws if any tool is a vendor's.
    package static func clientTools(_ tools: [JSONValue]) throws(APIError) -> [JSONValue] {
        var kept: [JSONValue] = []
        for (index, tool) in tools.enumerated() {
            let place = "tools[\(index)]"
            guard let type = tool["type"]?.string else {
                throw .invalid(place, "'\(place)' must be a tool of the type 'function'.")
            }
            if isClientTool(ofAnthropic: type), tool["name"]?.string != nil {
                kept.append(tool)
                continue
            }
            guard own.contains(type) else { throw refusal(of: type, place) }
            guard let definition = tool[type], let name = definition["name"]?.string, !name.isEmpty else {
                throw .invalid(place, "'\(place).\(type)' must have a 'name'.")
            }
            // Such names are the vendors' own.
            if name.hasPrefix("$") || name.hasPrefix("openrouter:") { throw refusal(of: name, place) }
            var fields: [String: JSONValue] = ["type": .string(type), type: definition]
            fields["cache_control"] = tool["cache_control"]
            kept.append(.object(fields))
        }
        return kept
    }

    /// Whether it is one of Anthropic's tools that its clients run, such as `bash_20250124`: the model knows them, and they
    /// cost nothing but tokens.
    package static func isClientTool(ofAnthropic type: String) -> Bool {
        ["bash", "text_editor", "memory", "computer"].contains { name in
            guard type.hasPrefix("\(name)_20") else { return false }
            let date = type.utf8.dropFirst(name.utf8.count + 1)
            return date.count == 8 && date.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
    }

    /// Throws if a choice names anything but one of the request's tools.
    package static func check(choice: JSONValue?, among tools: [JSONValue]) throws(APIError) {
        switch choice {
        case nil, .null: return
        case .string(let mode) where ["none", "auto", "required", "any"].contains(mode): return
        case .object(let wanted):
            guard let type = wanted["type"]?.string else { break }
            if type == "allowed_tools", let allowed = wanted[type]?["tools"]?.array {
                for tool in allowed { try check(choice: tool, among: tools) }
                return
            }
            guard own.contains(type) else { throw refusal(of: type, "tool_choice") }
            let name = wanted[type]?["name"]
            // Anthropic's own tools have their names beside their types.
            let isKnown = tools.contains { tool in
                tool["type"]?.string == type && tool[type]?["name"] == name
                    || type == "function" && name != nil && tool["function"] == nil && tool["name"] == name
            }
            if isKnown { return }
        default: break
        }
        throw .invalid("tool_choice", "'tool_choice' must be 'none', 'auto', 'required' or one of the request's tools.")
    }

    /// Throws if any of these fields, each of which turns a vendor's tool on, says something.
    package static func refuse(_ fields: KeyValuePairs<String, JSONValue?>) throws(APIError) {
        for (name, value) in fields {
            switch value {
            case nil, .null, false, .array([]): continue
            default: throw refusal(of: name, name)
            }
        }
    }

    /// OpenAI's older form of tools, which are always the client's own.
    package static func check(functions: [JSONValue]?) throws(APIError) {
        for (index, function) in (functions ?? []).enumerated() {
            let place = "functions[\(index)]"
            if let type = function["type"]?.string, type != "function" { throw refusal(of: type, place) }
            guard function["name"]?.string != nil else { throw .invalid(place, "'\(place)' must have a 'name'.") }
        }
    }

    package static func refusal(of tool: String, _ param: String) -> APIError {
        APIError(
            .toolNotAllowed,
            "'\(tool.prefix(64))' runs at the model's vendor, which bills it apart from tokens, and has no price here. "
                + "Send tools of your own instead.", param: param)
    }

    /// Whether a model's vendor runs such tools unasked. It is never free: it needs a price under its own name.
    package static func areImplied(by model: String) -> Bool {
        let model = model.lowercased().utf8
        let name = model.split(separator: UInt8(ascii: "/")).last ?? model.prefix(0)
        return model.split(separator: UInt8(ascii: ":")).dropFirst().contains { $0.elementsEqual("online".utf8) }
            || name.starts(with: "compound".utf8) || name.starts(with: "sonar".utf8)
            || ["-search-preview", "-search-api", "deep-research"].contains { has($0, in: name) }
    }

    /// Compared by bytes: the library's own search, by characters, took a twentieth of a completion.
    private static func has(_ part: String, in name: Substring.UTF8View) -> Bool {
        name.indices.contains { name[$0...].starts(with: part.utf8) }
    }
}
