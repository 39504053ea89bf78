import HTTPKit
import JSON
import LLM
import NIOCore

/// A response in the making: takes a model's events in order, and tells of them as this API's events do. The same events
/// in make the same events out, with the same numbers, so that a stream can be resumed on any instance.
struct ResponseWriter: Sendable {
    struct Options: Sendable {
        /// Whether thoughts are shown as a summary rather than as content.
        var showsSummary = false
        /// Encrypts thoughts for a client that sends them back; nil if it has not asked for that.
        var seal: (@Sendable (Thoughts) -> String?)?
    }

    private(set) var response: ResponseObject
    private let options: Options
    /// Events up to this number are known to the reader.
    private let after: Int
    private var sequence = 0
    private(set) var items: [ResponseItem] = []
    private let base: String

    /// - Parameter after: the number of the last event that is left out; -1 for none.
    init(_ response: ResponseObject, _ options: Options, after: Int = -1) {
        self.response = response
        self.options = options
        self.after = after
        base = String(response.id.drop { $0 != "_" }.dropFirst())
    }

    /// A response that has ended, or as far as it has come.
    init(_ response: ResponseObject, _ options: Options, _ events: [ChatEvent], _ ending: ResponseEnding?) {
        self.init(response, options, after: .max)
        var none = ByteBuffer()
        for event in events { write(event, &none) }
        if let ending {
            end(ending, &none)
        } else {
            self.response.output = output
        }
    }

    mutating func begin(_ out: inout ByteBuffer) {
        lifecycle("response.created", &out)
        lifecycle("response.in_progress", &out)
    }

    mutating func write(_ event: ChatEvent, _ out: inout ByteBuffer) {
        switch event {
        case .delta(let text): add(text, isRefusal: false, &out)
        case .refusal(let text): add(text, isRefusal: true, &out)
        case .logprobs(let logprobs): add(logprobs)
        case .thoughts(let text): think(text, &out)
        case .thoughtDetails(let details):
            // The end of an attempt that failed.
            if details.isEmpty { return closeReasoning(isCut: true, &out) }
            let index = openReasoning(&out)
            items[index].thoughts.add(details: details)
        case .citation(let source): cite(source, &out)
        case .toolCalls(let pieces): for piece in pieces.array ?? [] { add(call: piece, &out) }
        }
    }

    mutating func end(_ ending: ResponseEnding, _ out: inout ByteBuffer) {
        let isWhole = ending.status == .completed
        let ends = isWhole || ending.status == .incomplete
        for index in items.indices where !items[index].isDone {
            // Only the item that was being written when the answer reached its limit is not whole.
            items[index].isCut = !ends || !isWhole && index == items.indices.last
            if ends { close(index, &out) }
        }
        response.status = ending.status
        response.completedAt = isWhole ? Int(ending.endedAt.milliseconds / 1000) : nil
        response.error = ending.error
        response.incompleteDetails = ending.incompleteDetails
        response.usage = ending.usage
        response.model = ending.model ?? response.model
        response.serviceTier = ending.serviceTier ?? response.serviceTier
        response.output = output
        switch ending.status {
        case .completed: lifecycle("response.completed", &out)
        case .failed: lifecycle("response.failed", &out)
        // This API has no event of its own for a response that was cancelled.
        case .incomplete, .cancelled, .inProgress: lifecycle("response.incomplete", &out)
        }
    }

    private var output: [JSONValue] { items.map(json) }

    private func json(_ item: ResponseItem) -> JSONValue { item.json(showsSummary: options.showsSummary) }

    // MARK: Messages

    private mutating func add(_ text: String, isRefusal: Bool, _ out: inout ByteBuffer) {
        let index = openMessage(&out)
        if let last = items[index].parts.last, last.isRefusal != isRefusal { closePart(index, &out) }
        if items[index].parts.last?.isRefusal != isRefusal {
            items[index].parts.append(.init(isRefusal: isRefusal))
            let part = items[index].parts.count - 1
            event("response.content_part.added", &out, index, part: part, ["part": items[index].parts[part].json])
        }
        let part = items[index].parts.count - 1
        items[index].parts[part].text += text
        items[index].parts[part].length += text.unicodeScalars.count
        if isRefusal {
            event("response.refusal.delta", &out, index, part: part, ["delta": .string(text)])
        } else {
            event(
                "response.output_text.delta", &out, index, part: part, ["delta": .string(text), "logprobs": []])
        }
    }

    /// A marker of a source has just ended in the text.
    private mutating func cite(_ source: JSONValue, _ out: inout ByteBuffer) {
        guard let index = items.indices.last, items[index].kind == .message, !items[index].isDone,
            let part = items[index].parts.indices.last, !items[index].parts[part].isRefusal
        else { return }
        let start = items[index].parts[part].length - "[\(source["n"]?.int ?? 0)]".unicodeScalars.count
        let annotation = JSONValue.object(
            (source.object ?? [:]).merging(["type": "file_citation", "index": .int(Int64(max(0, start)))]) { $1 })
        items[index].parts[part].annotations.append(annotation)
        event(
            "response.output_text.annotation.added", &out, index, part: part,
            [
                "annotation_index": .int(Int64(items[index].parts[part].annotations.count - 1)),
                "annotation": annotation,
            ])
    }

    private mutating func add(_ logprobs: JSONValue) {
        guard let index = items.indices.last, items[index].kind == .message, !items[index].isDone,
            let part = items[index].parts.indices.last, !items[index].parts[part].isRefusal
        else { return }
        items[index].parts[part].logprobs += logprobs["content"]?.array ?? []
    }

    /// The end of the last part.
    private mutating func closePart(_ index: Int, _ out: inout ByteBuffer) {
        guard let part = items[index].parts.last else { return }
        let place = items[index].parts.count - 1
        if part.isRefusal {
            event("response.refusal.done", &out, index, part: place, ["refusal": .string(part.text)])
        } else {
            event(
                "response.output_text.done", &out, index, part: place,
                ["text": .string(part.text), "logprobs": .array(part.logprobs)])
        }
        event("response.content_part.done", &out, index, part: place, ["part": part.json])
    }

    private mutating func openMessage(_ out: inout ByteBuffer) -> Int {
        if let index = items.indices.last, items[index].kind == .message, !items[index].isDone { return index }
        closeOpen(&out)
        return open(.message, "msg", &out)
    }

    // MARK: Reasoning

    private mutating func think(_ text: String, _ out: inout ByteBuffer) {
        let index = openReasoning(&out)
        let isSummary = options.showsSummary
        if items[index].thoughts.text.isEmpty {
            let part = ResponseItem.thought("", isSummary: isSummary)
            event(
                isSummary ? "response.reasoning_summary_part.added" : "response.content_part.added", &out, index,
                part: 0, ["part": part], isSummary: isSummary)
        }
        items[index].thoughts.text += text
        event(
            isSummary ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta", &out, index, part: 0,
            ["delta": .string(text)], isSummary: isSummary)
    }

    private mutating func openReasoning(_ out: inout ByteBuffer) -> Int {
        if let index = items.indices.last, items[index].kind == .reasoning, !items[index].isDone { return index }
        closeOpen(&out)
        return open(.reasoning, "rs", &out)
    }

    private mutating func closeReasoning(isCut: Bool, _ out: inout ByteBuffer) {
        guard let index = items.indices.last, items[index].kind == .reasoning, !items[index].isDone else { return }
        items[index].isCut = isCut
        close(index, &out)
    }

    private mutating func closeThoughts(_ index: Int, _ out: inout ByteBuffer) {
        let text = items[index].thoughts.text
        guard !text.isEmpty else { return }
        let isSummary = options.showsSummary
        event(
            isSummary ? "response.reasoning_summary_text.done" : "response.reasoning_text.done", &out, index, part: 0,
            ["text": .string(text)], isSummary: isSummary)
        event(
            isSummary ? "response.reasoning_summary_part.done" : "response.content_part.done", &out, index, part: 0,
            ["part": ResponseItem.thought(text, isSummary: isSummary)], isSummary: isSummary)
    }

    // MARK: Calls

    /// A call stays open until the next one begins, or to the end if it is not whole by then: some vendors mix the pieces
    /// of calls that they make side by side.
    private mutating func add(call piece: JSONValue, _ out: inout ByteBuffer) {
        let number = piece["index"]?.int ?? 0
        let isCustom = piece["custom"] != nil
        let field = isCustom ? "input" : "arguments"
        let function = piece["function"] ?? piece["custom"]
        let known = items.indices.last { index in
            if case .call(_, number) = items[index].kind { !items[index].isDone } else { false }
        }
        let index: Int
        if let known {
            index = known
        } else {
            closeOpen(&out)
            index = open(.call(isCustom: isCustom, index: number), isCustom ? "ctc" : "fc", &out) { item in
                item.callID = piece["id"]?.string ?? ""
                item.name = function?["name"]?.string ?? ""
            }
        }
        guard let text = function?[field]?.string, !text.isEmpty else { return }
        items[index].text += text
        event(
            isCustom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta", &out, index,
            ["delta": .string(text)])
    }

    // MARK: Items

    private mutating func open(
        _ kind: ResponseItem.Kind, _ prefix: String, _ out: inout ByteBuffer,
        _ set: (inout ResponseItem) -> Void = { _ in }
    ) -> Int {
        var item = ResponseItem(kind, id: "\(prefix)_\(base)_\(items.count)")
        set(&item)
        items.append(item)
        let index = items.count - 1
        itemEvent("response.output_item.added", &out, index)
        return index
    }

    /// Ends what is open, but for calls that are not whole.
    private mutating func closeOpen(_ out: inout ByteBuffer) {
        for index in items.indices where !items[index].isDone {
            if case .call = items[index].kind, !items[index].isWhole { continue }
            close(index, &out)
        }
    }

    private mutating func close(_ index: Int, _ out: inout ByteBuffer) {
        switch items[index].kind {
        case .message: closePart(index, &out)
        case .reasoning: closeThoughts(index, &out)
        case .call(true, _):
            event("response.custom_tool_call_input.done", &out, index, ["input": .string(items[index].text)])
        case .call(false, _):
            event(
                "response.function_call_arguments.done", &out, index,
                ["arguments": .string(items[index].text), "name": .string(items[index].name)])
        }
        items[index].isDone = true
        // Once, for each encryption of it is another one.
        if items[index].kind == .reasoning { items[index].sealed = options.seal?(items[index].thoughts) }
        itemEvent("response.output_item.done", &out, index)
    }

    // MARK: Events

    private mutating func lifecycle(_ type: StaticString, _ out: inout ByteBuffer) {
        guard start(type, &out) else { return }
        out.writeStaticString(",\"response\":")
        out.writeBytes((try? JSONWriter.encode(response)) ?? [])
        out.writeStaticString("}\n\n")
    }

    private mutating func itemEvent(_ type: StaticString, _ out: inout ByteBuffer, _ index: Int) {
        guard start(type, &out) else { return }
        out.writeString(",\"output_index\":\(index),\"item\":")
        out.writeBytes(json(items[index]).serialized())
        out.writeStaticString("}\n\n")
    }

    private mutating func event(
        _ type: StaticString, _ out: inout ByteBuffer, _ index: Int, part: Int? = nil,
        _ members: KeyValuePairs<String, JSONValue>, isSummary: Bool = false
    ) {
        guard start(type, &out) else { return }
        out.writeString(",\"item_id\":\"\(items[index].id)\",\"output_index\":\(index)")
        if let part { out.writeString(isSummary ? ",\"summary_index\":\(part)" : ",\"content_index\":\(part)") }
        for (name, value) in members {
            out.writeString(",\"\(name)\":")
            out.writeBytes(value.serialized())
        }
        out.writeStaticString("}\n\n")
    }

    /// Counts an event, and begins it if the reader does not know it.
    private mutating func start(_ type: StaticString, _ out: inout ByteBuffer) -> Bool {
        defer { sequence += 1 }
        guard sequence > after else { return false }
        out.writeStaticString("event: ")
        out.writeStaticString(type)
        out.writeStaticString("\ndata: {\"type\":\"")
        out.writeStaticString(type)
        out.writeString("\",\"sequence_number\":\(sequence)")
        return true
    }
}
