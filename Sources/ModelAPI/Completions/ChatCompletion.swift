import Chat
package import HTTPKit
package import JSON
package import LLM
package import NIOCore

/// OpenAI's answer.
package struct ChatCompletion: JSONOutput {
    package let id: String
    package let object: String
    package let created: Int
    package let model: String
    /// As many as `n` says.
    package let choices: [Candidate]
    package let usage: Usage
    /// The vendor's; left out if it has none.
    package let serviceTier: String?
    package let systemFingerprint: String?

    package struct Candidate: JSONOutput {
        package let index: Int
        package let message: Message
        package let logprobs: JSONValue?
        package let finishReason: String
    }

    package struct Message: JSONOutput {
        package let role: String
        package let content: String?
        package let refusal: String?
        /// What the model thought before it answered; left out if nothing is known of it.
        package let reasoningContent: String?
        /// The same in OpenRouter's form, with the signatures that some vendors need back; left out if there are none.
        package let reasoningDetails: [JSONValue]?
        /// Omitted if there are none.
        package let toolCalls: JSONValue?

        private enum CodingKeys: String, CodingKey {
            case role, content, refusal, reasoningContent, reasoningDetails, toolCalls
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(role, forKey: .role)
            try container.encode(content, forKey: .content)
            try container.encode(refusal, forKey: .refusal)
            if let reasoningContent { try container.encode(reasoningContent, forKey: .reasoningContent) }
            if let reasoningDetails { try container.encode(reasoningDetails, forKey: .reasoningDetails) }
            if let toolCalls { try container.encode(toolCalls, forKey: .toolCalls) }
        }
    }

    package struct Usage: JSONOutput {
        package let promptTokens: Int
        package let completionTokens: Int
        package let totalTokens: Int
        /// Left out if nothing came from a cache or was written to one.
        package let promptTokensDetails: PromptDetails?
        /// Left out if the model has not thought.
        package let completionTokensDetails: CompletionDetails?

        package struct PromptDetails: JSONOutput {
            package let cachedTokens: Int
            package let cacheWriteTokens: Int
        }

        package struct CompletionDetails: JSONOutput {
            package let reasoningTokens: Int
        }

        private enum CodingKeys: String, CodingKey {
            case promptTokens, completionTokens, totalTokens, promptTokensDetails, completionTokensDetails
        }

        package init(_ usage: ChatUsage) {
            promptTokens = usage.promptTokens
            completionTokens = usage.completionTokens
            totalTokens = usage.promptTokens + usage.completionTokens
            promptTokensDetails =
                usage.cachedTokens + usage.cacheWriteTokens == 0
                ? nil
                : PromptDetails(cachedTokens: usage.cachedTokens, cacheWriteTokens: usage.cacheWriteTokens)
            completionTokensDetails =
                usage.reasoningTokens == 0 ? nil : CompletionDetails(reasoningTokens: usage.reasoningTokens)
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(promptTokens, forKey: .promptTokens)
            try container.encode(completionTokens, forKey: .completionTokens)
            try container.encode(totalTokens, forKey: .totalTokens)
            if let promptTokensDetails { try container.encode(promptTokensDetails, forKey: .promptTokensDetails) }
            if let completionTokensDetails {
                try container.encode(completionTokensDetails, forKey: .completionTokensDetails)
            }
        }
    }

    private enum CodingKeys: String, CodingKey {
        case id, object, created, model, choices, usage, serviceTier, systemFingerprint
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(object, forKey: .object)
        try container.encode(created, forKey: .created)
        try container.encode(model, forKey: .model)
        try container.encode(choices, forKey: .choices)
        try container.encode(usage, forKey: .usage)
        if let serviceTier { try container.encode(serviceTier, forKey: .serviceTier) }
        if let systemFingerprint { try container.encode(systemFingerprint, forKey: .systemFingerprint) }
    }

    /// - Parameter results: at least one.
    package init(id: String, _ results: [ChatResult], _ usage: ChatUsage, now: Timestamp) {
        self.id = id
        object = "chat.completion"
        created = Int(now.milliseconds / 1000)
        model = results[0].model
        choices = results.enumerated().map { index, result in
            let isEmpty = result.content.isEmpty && (result.toolCalls != nil || result.refusal != nil)
            return Candidate(
                index: index,
                message: Message(
                    role: "assistant", content: isEmpty ? nil : result.content, refusal: result.refusal,
                    reasoningContent: result.thoughts.flatMap { $0.text.isEmpty ? nil : $0.text },
                    reasoningDetails: result.thoughts.flatMap { $0.details.isEmpty ? nil : $0.details },
                    toolCalls: result.toolCalls),
                logprobs: result.logprobs, finishReason: result.finishReason.openAI)
        }
        self.usage = Usage(usage)
        serviceTier = results[0].extras["service_tier"]?.string
        systemFingerprint = results[0].extras["system_fingerprint"]?.string
    }
}

extension ChatUsage {
    /// The sum of several calls.
    package init(sum usages: [ChatUsage]) {
        func sum(_ count: (ChatUsage) -> Int) -> Int { usages.reduce(0) { $0.addingSaturated(count($1)) } }
        self.init(
            promptTokens: sum(\.promptTokens), completionTokens: sum(\.completionTokens),
            cachedTokens: sum(\.cachedTokens), cacheWriteTokens: sum(\.cacheWriteTokens),
            reasoningTokens: sum(\.reasoningTokens))
    }
}

/// OpenAI's chunks.
package struct ChatCompletionEvents: OpenAIEvents {
    let head: [UInt8]
    let showsUsage: Bool
    let requestID: String
    private let copies: Int
    /// Reasoning details that were sent, by the index of their choice.
    private var detailCounts: [Int: Int64] = [:]

    package init(
        id: String, model: String, now: Timestamp, showsUsage: Bool, copies: Int = 1, requestID: String
    ) {
        self.copies = copies
        let model = JSONValue.string(model).serialized()
        head =
            Array("data: {\"id\":\"\(id)\",\"object\":\"chat.completion.chunk\",\"created\":".utf8)
            + Array("\(now.milliseconds / 1000),\"model\":".utf8) + model + Array(",\"choices\":[".utf8)
        self.showsUsage = showsUsage
        self.requestID = requestID
    }

    package mutating func begin(_ out: inout ByteBuffer) {
        for index in 0..<copies { chunk(index, #"{"role":"assistant","content":"","refusal":null}"#.utf8, &out) }
    }

    package func alive(_ out: inout ByteBuffer) { out.writeStaticString(": still here\n\n") }

    package mutating func write(_ event: ChatEvent, of index: Int, _ out: inout ByteBuffer) {
        switch event {
        case .delta(let text): delta(index, "content", .string(text), &out)
        case .refusal(let text): delta(index, "refusal", .string(text), &out)
        case .toolCalls(let calls): delta(index, "tool_calls", calls, &out)
        case .logprobs(let logprobs): chunk(index, "{}".utf8, logprobs: logprobs, &out)
        case .thoughts(let text): delta(index, "reasoning_content", .string(text), &out)
        case .citation: break
        case .thoughtDetails(let details) where details.isEmpty: break
        case .thoughtDetails(let details):
            delta(index, "reasoning_details", .array(numbered(details, of: index)), &out)
        }
    }

    /// OpenAI's SDKs put items of a list together by their indexes.
    private mutating func numbered(_ details: [JSONValue], of index: Int) -> [JSONValue] {
        details.map { detail in
            guard case .object(var fields) = detail, fields["index"]?.int == nil else { return detail }
            fields["index"] = .int(detailCounts[index, default: 0])
            detailCounts[index, default: 0] += 1
            return .object(fields)
        }
    }

    package mutating func finish(_ result: ChatResult, _ usage: ChatUsage, of index: Int, _ out: inout ByteBuffer) {
        chunk(index, "{}".utf8, finishReason: result.finishReason.openAI, &out)
    }

    private func delta(_ index: Int, _ field: StaticString, _ value: JSONValue, _ out: inout ByteBuffer) {
        chunk(index, Array("{\"\(field)\":".utf8) + value.serialized() + [UInt8(ascii: "}")], &out)
    }

    private func chunk(
        _ index: Int, _ delta: some Collection<UInt8>, logprobs: JSONValue? = nil, finishReason: String? = nil,
        _ out: inout ByteBuffer
    ) {
        out.writeBytes(head)
        if index == 0 {
            out.writeStaticString("{\"index\":0,\"delta\":")
        } else {
            out.writeString("{\"index\":\(index),\"delta\":")
        }
        out.writeBytes(delta)
        out.writeStaticString(",\"logprobs\":")
        if let logprobs { out.writeBytes(logprobs.serialized()) } else { out.writeStaticString("null") }
        out.writeStaticString(",\"finish_reason\":")
        if let finishReason { out.writeString("\"\(finishReason)\"") } else { out.writeStaticString("null") }
        out.writeString(showsUsage ? "}],\"usage\":null}\n\n" : "}]}\n\n")
    }
}
