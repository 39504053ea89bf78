import Chat
package import HTTPKit
import HTTPTypes
package import JSON
package import LLM
package import NIOCore

/// Anthropic's answer.
package struct AnthropicMessage: JSONOutput {
    package let id: String
    package let type: String
    package let role: String
    package let model: String
    package let content: [JSONValue]
    package let stopReason: String?
    package let stopSequence: String?
    package let stopDetails: JSONValue?
    package let container: JSONValue?
    package let usage: Usage

    package struct Usage: JSONOutput {
        package let inputTokens: Int
        package let outputTokens: Int
        /// Nil if there are none. Unlike OpenAI's, these are no part of `input_tokens`.
        package let cacheCreationInputTokens: Int?
        package let cacheReadInputTokens: Int?
        /// Nil if the model has not thought.
        package let outputTokensDetails: OutputDetails?
        /// Always nil, but required in Anthropic's schema, as `container` and `stop_details` are.
        package let cacheCreation: JSONValue?
        package let serverToolUse: JSONValue?
        package let inferenceGeo: String?
        package let serviceTier: String?

        package struct OutputDetails: JSONOutput {
            package let thinkingTokens: Int
        }

        package init(_ usage: ChatUsage) {
            inputTokens = usage.promptTokens - usage.cachedTokens - usage.cacheWriteTokens
            outputTokens = usage.completionTokens
            let isCached = usage.cachedTokens + usage.cacheWriteTokens > 0
            cacheCreationInputTokens = isCached ? usage.cacheWriteTokens : nil
            cacheReadInputTokens = isCached ? usage.cachedTokens : nil
            (cacheCreation, serverToolUse, inferenceGeo, serviceTier) = (nil, nil, nil, nil)
            outputTokensDetails =
                usage.reasoningTokens == 0 ? nil : OutputDetails(thinkingTokens: usage.reasoningTokens)
        }
    }

    package init(id: String, _ result: ChatResult, _ usage: ChatUsage) {
        let text = result.content.isEmpty ? result.refusal ?? "" : result.content
        self.init(
            id: id, model: result.model,
            content: (result.thoughts?.blocks ?? [])
                + (text.isEmpty ? [] : [["type": "text", "text": .string(text), "citations": .null]])
                + (result.toolCalls?.array ?? []).map(Self.toolUse),
            stopReason: result.anthropicStopReason, stopSequence: result.stopSequence, Usage(usage))
    }

    fileprivate init(
        id: String, model: String, content: [JSONValue], stopReason: String?, stopSequence: String? = nil,
        _ usage: Usage
    ) {
        self.id = id
        type = "message"
        role = "assistant"
        self.model = model
        self.content = content
        self.stopReason = stopReason
        self.stopSequence = stopSequence
        (stopDetails, container) = (nil, nil)
        self.usage = usage
    }

    private static func toolUse(_ call: JSONValue) -> JSONValue {
        let arguments = call["function"]?["arguments"]?.string ?? "{}"
        let input = (try? JSONValue(parsing: Array(arguments.utf8)))?.object ?? [:]
        return [
            "type": "tool_use", "id": call["id"] ?? "", "name": call["function"]?["name"] ?? "",
            "input": .object(input), "caller": ["type": "direct"],
        ]
    }
}

extension ChatResult {
    fileprivate var anthropicStopReason: String {
        if refusal != nil, content.isEmpty { return "refusal" }
        return switch finishReason {
        case .stop, .other: stopSequence == nil ? "end_turn" : "stop_sequence"
        case .length: "max_tokens"
        case .filtered: "refusal"
        case .toolCalls: "tool_use"
        }
    }
}

/// Anthropic's events: a message is a row of blocks, of which one is open at a time.
package struct AnthropicMessageEvents: CompletionEvents {
    private enum Block: Equatable {
        case text
        case thinking
        case call(index: Int64?)
    }

    private let id: String
    private let model: String
    private let inputTokens: Int
    private let requestID: String
    private let showsThoughts: Bool
    private var open: Block?
    private var blocks: Int64 = 0

    package init(id: String, model: String, inputTokens: Int, requestID: String, showsThoughts: Bool = true) {
        self.showsThoughts = showsThoughts
        self.id = id
        self.model = model
        self.inputTokens = inputTokens
        self.requestID = requestID
    }

    package mutating func begin(_ out: inout ByteBuffer) {
        let usage = AnthropicMessage.Usage(ChatUsage(promptTokens: inputTokens, completionTokens: 0))
        let message = AnthropicMessage(id: id, model: model, content: [], stopReason: nil, usage)
        event(Start(type: "message_start", message: message), named: "message_start", &out)
    }

    package func alive(_ out: inout ByteBuffer) { event(["type": "ping"], named: "ping", &out) }

    package mutating func write(_ event: ChatEvent, of index: Int, _ out: inout ByteBuffer) {
        switch event {
        case .delta(let text), .refusal(let text):
            if open != .text { start(.text, ["type": "text", "text": ""], &out) }
            delta(["type": "text_delta", "text": .string(text)], &out)
        case .toolCalls(let pieces):
            for piece in pieces.array ?? [] { write(call: piece, &out) }
        case .thoughts where !showsThoughts, .thoughtDetails where !showsThoughts: break
        case .thoughts(let text):
            if open != .thinking { start(.thinking, ["type": "thinking", "thinking": "", "signature": ""], &out) }
            delta(["type": "thinking_delta", "thinking": .string(text)], &out)
        case .thoughtDetails(let details):
            // The end of an attempt that failed.
            if details.isEmpty { close(&out) }
            for block in Thoughts(details: details).signedBlocks { write(signed: block, &out) }
        case .logprobs, .citation: break
        }
    }

    /// The signature of the thoughts that came, or a block that is encrypted.
    private mutating func write(signed block: JSONValue, _ out: inout ByteBuffer) {
        if block["type"] == "thinking" {
            if open != .thinking {
                start(.thinking, ["type": "thinking", "thinking": "", "signature": ""], &out)
                delta(["type": "thinking_delta", "thinking": block["thinking"] ?? ""], &out)
            }
            delta(["type": "signature_delta", "signature": block["signature"] ?? ""], &out)
        } else {
            start(.thinking, block, &out)
        }
        close(&out)
    }

    /// A piece with another index begins another call. If the vendor sends no index, a piece with an id does.
    private mutating func write(call piece: JSONValue, _ out: inout ByteBuffer) {
        let block = Block.call(index: piece["index"]?.int)
        let id = piece["id"]?.string ?? ""
        if open != block || piece["index"] == nil && !id.isEmpty {
            start(
                block,
                [
                    "type": "tool_use", "id": .string(id), "name": piece["function"]?["name"] ?? "",
                    "input": [:],
                ], &out)
        }
        if let text = piece["function"]?["arguments"]?.string, !text.isEmpty {
            delta(["type": "input_json_delta", "partial_json": .string(text)], &out)
        }
    }

    package mutating func finish(_ result: ChatResult, _ usage: ChatUsage, of index: Int, _ out: inout ByteBuffer) {
        close(&out)
        let end = End(
            type: "message_delta",
            delta: [
                "stop_reason": .string(result.anthropicStopReason),
                "stop_sequence": result.stopSequence.map { .string($0) } ?? .null,
            ],
            usage: AnthropicMessage.Usage(usage))
        event(end, named: "message_delta", &out)
    }

    package mutating func end(_ usage: ChatUsage, _ out: inout ByteBuffer) {
        event(["type": "message_stop"], named: "message_stop", &out)
    }

    package func fail(_ error: APIError, _ out: inout ByteBuffer) {
        event(AnthropicErrorBody(error.told(by: .anthropic), requestID: requestID), named: "error", &out)
    }

    private struct End: Encodable {
        let type: String
        let delta: JSONValue
        let usage: AnthropicMessage.Usage
    }

    private struct Start: Encodable {
        let type: String
        let message: AnthropicMessage
    }

    private mutating func start(_ block: Block, _ content: JSONValue, _ out: inout ByteBuffer) {
        close(&out)
        open = block
        event(
            ["type": "content_block_start", "index": .int(blocks), "content_block": content],
            named: "content_block_start", &out)
    }

    private func delta(_ delta: JSONValue, _ out: inout ByteBuffer) {
        event(
            ["type": "content_block_delta", "index": .int(blocks), "delta": delta], named: "content_block_delta", &out)
    }

    private mutating func close(_ out: inout ByteBuffer) {
        guard open != nil else { return }
        event(["type": "content_block_stop", "index": .int(blocks)], named: "content_block_stop", &out)
        open = nil
        blocks += 1
    }

    private func event(_ data: JSONValue, named name: String, _ out: inout ByteBuffer) {
        write(data.serialized(), named: name, &out)
    }

    private func event(_ data: some Encodable, named name: String, _ out: inout ByteBuffer) {
        write((try? JSONWriter.encode(data)) ?? [], named: name, &out)
    }

    private func write(_ data: [UInt8], named name: String, _ out: inout ByteBuffer) {
        out.writeString("event: \(name)\ndata: ")
        out.writeBytes(data)
        out.writeStaticString("\n\n")
    }
}
