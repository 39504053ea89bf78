import HTTPKit
import JSON
import Metering

/// The tools of a response, in the terms of chat completions.
enum ResponseTools {
    /// Kinds that a client runs, but which only models behind OpenAI's own API know.
    private static let ownAtOpenAI = [
        "local_shell", "shell", "apply_patch", "computer", "computer_use_preview", "tool_search", "namespace",
        "programmatic_tool_calling",
    ]

    /// Throws if a tool runs at the vendor, or has no name.
    static func functions(_ tools: [JSONValue]) throws(APIError) -> [JSONValue] {
        var functions: [JSONValue] = []
        for (index, tool) in tools.enumerated() {
            let place = "tools[\(index)]"
            guard case .object(var definition) = tool, let type = definition.removeValue(forKey: "type")?.string else {
                throw .invalid(place, "'\(place)' must be a tool of the type 'function' or 'custom'.")
            }
            try refuse(type, place)
            definition = definition.filter { !$0.value.isNull }
            if type == "custom", let format = definition["format"], format["type"] == "grammar" {
                let grammar = (format.object ?? [:]).filter { $0.key != "type" }
                definition["format"] = ["type": "grammar", "grammar": .object(grammar)]
            }
            functions.append(["type": .string(type), type: .object(definition)])
        }
        return try VendorTools.clientTools(functions)
    }

    /// A choice of tools, whose form differs from chat completions only in where the name stands.
    static func choice(_ choice: JSONValue?) throws(APIError) -> JSONValue? {
        guard case .object(let members)? = choice else { return choice?.isNull == true ? nil : choice }
        let type = members["type"]?.string ?? ""
        guard type != "allowed_tools" else {
            var tools: [JSONValue] = []
            for tool in members["tools"]?.array ?? [] { tools.append(try self.choice(tool) ?? .null) }
            return [
                "type": "allowed_tools",
                "allowed_tools": ["mode": members["mode"] ?? "auto", "tools": .array(tools)],
            ]
        }
        try refuse(type, "tool_choice")
        return ["type": .string(type), type: ["name": members["name"] ?? ""]]
    }

    /// Throws unless tools of this kind are the client's own.
    private static func refuse(_ type: String, _ place: String) throws(APIError) {
        if ["function", "custom"].contains(type) { return }
        guard ownAtOpenAI.contains(type) else { throw VendorTools.refusal(of: type, place) }
        throw APIError(
            .unsupportedInput, "Tools of the type '\(type)' are not supported. Send a 'function' instead.",
            param: place)
    }

    /// The tools as a response shows them, with all members that the API's clients look for.
    static func shown(_ tools: [JSONValue]) -> [JSONValue] {
        tools.map { tool in
            guard case .object(let members) = tool, members["type"] == "function" else { return tool }
            let empty: [String: JSONValue] = ["description": .null, "parameters": .null, "strict": .null]
            return .object(empty.merging(members) { $1 })
        }
    }
}
