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
    /// One.
    package let choices: [Candidate]
    package let usage: Usage

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
        /// Left out where there are none.
        package let toolCalls: JSONValue?

        private enum CodingKeys: String, CodingKey { case role, content, refusal, toolCalls }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(role, forKey: .role)
            try container.encode(content, forKey: .content)
            try container.encode(refusal, forKey: .refusal)
            if let toolCalls { try container.encode(toolCalls, forKey: .toolCalls) }
        }
    }

    package struct Usage: JSONOutput {
        package let promptTokens: Int
        package let completionTokens: Int
        package let totalTokens: Int

        package init(_ usage: ChatUsage) {
            promptTokens = usage.promptTokens
            completionTokens = usage.completionTokens
            totalTokens = usage.promptTokens + usage.completionTokens
        }
    }

    package init(id: String, _ result: ChatResult, _ usage: ChatUsage, now: Timestamp) {
        self.id = id
        object = "chat.completion"
        created = Int(now.milliseconds / 1000)
        model = result.model
        let isEmpty = result.content.isEmpty && (result.toolCalls != nil || result.refusal != nil)
        choices = [
            Candidate(
                index: 0,
                message: Message(
                    role: "assistant", content: isEmpty ? nil : result.content, refusal: result.refusal,
                    toolCalls: result.toolCalls),
                logprobs: result.logprobs, finishReason: result.finishReason.openAI)
        ]
        self.usage = Usage(usage)
    }
}

extension FinishReason {
    fileprivate var openAI: String {
        switch self {
        case .stop, .other: "stop"
        case .length: "length"
        case .filtered: "content_filter"
        case .toolCalls: "tool_calls"
        }
    }
}

/// OpenAI's chunks.
package struct ChatCompletionEvents: CompletionEvents {
    private let head: [UInt8]
    private let showsUsage: Bool
    private let requestID: String

    package init(id: String, model: String, now: Timestamp, showsUsage: Bool, requestID: String) {
        let model = JSONValue.string(model).serialized()
        head =
            Array("data: {\"id\":\"\(id)\",\"object\":\"chat.completion.chunk\",\"created\":".utf8)
            + Array("\(now.milliseconds / 1000),\"model\":".utf8) + model + Array(",\"choices\":[".utf8)
        self.showsUsage = showsUsage
        self.requestID = requestID
    }

    package mutating func begin(_ out: inout ByteBuffer) {
        chunk(#"{"role":"assistant","content":"","refusal":null}"#.utf8, &out)
    }

    package mutating func write(_ event: ChatEvent, _ out: inout ByteBuffer) {
        switch event {
        case .delta(let text): delta("content", .string(text), &out)
        case .refusal(let text): delta("refusal", .string(text), &out)
        case .toolCalls(let calls): delta("tool_calls", calls, &out)
        case .logprobs(let logprobs): chunk("{}".utf8, logprobs: logprobs, &out)
        case .thoughts: break
        }
    }

    package mutating func end(_ result: ChatResult, _ usage: ChatUsage, _ out: inout ByteBuffer) {
        chunk("{}".utf8, finishReason: result.finishReason.openAI, &out)
        if showsUsage {
            out.writeBytes(head)
            out.writeStaticString("],\"usage\":")
            out.writeBytes((try? JSONWriter.encode(ChatCompletion.Usage(usage))) ?? [])
            out.writeStaticString("}\n\n")
        }
        out.writeStaticString("data: [DONE]\n\n")
    }

    package func fail(_ error: APIError, _ out: inout ByteBuffer) {
        out.writeStaticString("data: ")
        out.writeBytes((try? JSONWriter.encode(ErrorBody(error, requestID: requestID))) ?? [])
        out.writeStaticString("\n\n")
    }

    private func delta(_ field: StaticString, _ value: JSONValue, _ out: inout ByteBuffer) {
        chunk(Array("{\"\(field)\":".utf8) + value.serialized() + [UInt8(ascii: "}")], &out)
    }

    private func chunk(
        _ delta: some Collection<UInt8>, logprobs: JSONValue? = nil, finishReason: String? = nil,
        _ out: inout ByteBuffer
    ) {
        out.writeBytes(head)
        out.writeStaticString("{\"index\":0,\"delta\":")
        out.writeBytes(delta)
        out.writeStaticString(",\"logprobs\":")
        if let logprobs { out.writeBytes(logprobs.serialized()) } else { out.writeStaticString("null") }
        out.writeStaticString(",\"finish_reason\":")
        if let finishReason { out.writeString("\"\(finishReason)\"") } else { out.writeStaticString("null") }
        out.writeString(showsUsage ? "}],\"usage\":null}\n\n" : "}]}\n\n")
    }
}
