import Synchronization
import Testing
import Texts

@testable import Spans

@Suite struct SpanTests {
    /// The text of all that waits in a recorder, for a look at what is in it.
    private func text(_ recorder: SpanRecorder) -> String {
        var bytes: [UInt8] = []
        while let batch = recorder.take() { bytes += batch.bytes }
        return String(decoding: bytes, as: UTF8.self)
    }

    private struct Quoting: Error, CustomStringConvertible { let description = "canary ক্যানারি" }
    private struct Coded: TracedError { let errorType = "busy" }

    @Test func withoutATraceOnlyTheWorkIsDone() async throws {
        #expect(Span.current == nil)
        let value = await traced(.load) { span in
            #expect(span == nil && Span.current == nil)
            return "উত্তর"
        }
        #expect(value == "উত্তর")
        await #expect(throws: Coded.self) { try await traced(.load) { _ in throw Coded() } }
    }

    @Test func stepsAreChildrenOfTheCurrentSpan() async {
        let recorder = SpanRecorder(share: 1)
        let root = recorder.begin("root", .server)
        await Span.working(in: root) {
            await traced(.load) { load in
                #expect(load?.parentID == root.place.spanID && load?.place.low == root.place.low)
                await traced("inner 内", .client) { inner in
                    #expect(inner?.parentID == load?.place.spanID && Span.current === inner)
                }
            }
            // A task goes on in the trace after the request has ended.
            root.end()
            await Task { await traced(.settle) { #expect($0?.parentID == root.place.spanID) } }.value
        }
        let batch = recorder.take()
        #expect(batch?.count == 4 && recorder.take() == nil && recorder.waitingBytes == 0)
        #expect(batch.map { String(decoding: $0.bytes, as: UTF8.self) }?.contains("inner 内") == true)
    }

    @Test func aSpanEndsOnce() {
        let recorder = SpanRecorder(share: 1)
        do {
            let span = recorder.begin("one", .internal)
            span.end()
            span.end()
            _ = recorder.begin("forgotten", .internal)
        }
        #expect(recorder.take()?.count == 2)
    }

    @Test func errorsAreNamedAndNotQuoted() async {
        let recorder = SpanRecorder(share: 1)
        await Span.working(in: recorder.begin("root", .server)) {
            for error in [Quoting(), Coded(), CancellationError()] as [any Error] {
                try? await traced(.load) { _ in throw error }
            }
        }
        let text = text(recorder)
        #expect(text.contains("Quoting") && text.contains("busy") && text.contains("cancelled"))
        #expect(!text.contains("canary") && !text.contains("ক্যানারি"))
    }

    @Test func aLongNameIsCut() {
        let recorder = SpanRecorder(share: 1)
        let span = recorder.begin("call", .client)
        span.set(.responseModel, String(repeating: "ক", count: 100_000))
        span.end()
        #expect(recorder.waitingBytes < 1_200)
    }

    @Test func whatIsNotSampledIsNotKept() async {
        let recorder = SpanRecorder(share: 0)
        let span = recorder.begin("root", .server)
        await Span.working(in: span) {
            await traced(.load) { #expect($0 == nil && Span.current === span) }
        }
        span.set(.route, "/চ্যাট")
        span.end()
        #expect(recorder.take() == nil && span.place.text.hasSuffix("-00"))
        // A caller that has decided is followed.
        let caller = TraceParent(high: 1, low: 2, spanID: 3, isSampled: true)
        #expect(recorder.begin("root", .server, from: caller).isRecorded)
        let some = SpanRecorder(share: 0.25)
        let kept = (0..<4000).count { _ in some.begin("root", .internal).isRecorded }
        // Beyond 10 standard deviations.
        #expect((730...1270).contains(kept))
    }

    @Test func whatWaitsIsBounded() {
        let recorder = SpanRecorder(share: 1, maximumBytes: 100_000)
        for text in SampleText.all { recorder.begin(text.short, .internal).end() }
        for _ in 0..<2000 { recorder.begin("আ", .internal).end() }
        #expect(recorder.waitingBytes <= 100_000 && recorder.dropped > 0)
        let dropped = recorder.dropped
        var taken = 0
        while let batch = recorder.take() {
            taken += batch.count
            recorder.drop(batch)
        }
        #expect(recorder.waitingBytes == 0 && recorder.dropped == dropped + taken)
        recorder.begin("again", .internal).end()
        #expect(recorder.take()?.count == 1)
    }
}

@Suite struct TraceParentTests {
    private static let usual = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func whatTheStandardShowsIsRead() throws {
        let read = try #require(TraceParent(Self.usual))
        #expect(read.high == 0x0af7_6519_16cd_43dd && read.low == 0x8448_eb21_1c80_319c)
        #expect(read.spanID == 0xb7ad_6b71_6920_3331 && read.isSampled && read.text == Self.usual)
        #expect(TraceParent(Self.usual.replacing("-01", with: "-00"))?.isSampled == false)
        // Other flags are not known, and a later version may add fields.
        #expect(TraceParent(Self.usual.replacing("-01", with: "-ff"))?.text == Self.usual)
        #expect(TraceParent("01" + Self.usual.dropFirst(2) + "-more")?.text == Self.usual)
    }

    @Test(arguments: [
        "", "00", usual.uppercased(), String(usual.dropLast()), usual + "0", usual + "-more", "ff" + usual.dropFirst(2),
        "01" + usual.dropFirst(2) + "0", usual.replacing("-", with: "_"),
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        usual.replacing("b7", with: "+7"), usual.replacing("b7", with: "৭"), String(repeating: "ক", count: 55),
    ])
    func othersAreRefused(_ text: String) { #expect(TraceParent(text) == nil) }

    @Test func anyTextIsReadOrRefused() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let place = TraceParent(
                high: .random(in: 0...9, using: &random), low: .random(in: 1...UInt64.max, using: &random),
                spanID: .random(in: 1...UInt64.max, using: &random), isSampled: .random())
            #expect(TraceParent(place.text) == place)
            var bytes = Array(place.text.utf8)
            bytes[.random(in: bytes.indices)] = .random(in: 0...255)
            let text = String(decoding: bytes, as: UTF8.self)
            if let read = TraceParent(text) { #expect(TraceParent(read.text) == read) }
        }
    }
}
