import CryptoExtras
import Foundation
import Testing
import Texts

@testable import App
@testable import Platform

@Suite struct FernetTests {
    private static let specKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
    private static let specToken =
        "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="

    /// The specification's own vectors.
    @Test func makesAndReadsTheSpecifiedToken() throws {
        let fernet = try Fernet(keys: [Self.specKey])
        let made = try fernet.encrypt(Array("hello".utf8), iv: .init(ivBytes: Array(0..<16)), seconds: 499_162_800)
        #expect(made == Self.specToken)
        #expect(try fernet.decrypt(Self.specToken) == Array("hello".utf8))
    }

    @Test(arguments: [
        "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==",
        "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==",
        "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
        "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm",
        "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==",
        "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAnja1xKYyhd-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw==",
        "", "=", "====", "gA==", "g",
    ])
    func refusesWhatTheSpecificationRefuses(token: String) throws {
        let fernet = try Fernet(keys: [Self.specKey])
        #expect(throws: Fernet.Refusal.invalidToken) { try fernet.decrypt(token) }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 1000])
    func roundTrips(size: Int) throws {
        let fernet = try Fernet(keys: [Fernet.makeKey()])
        let bytes = (0..<size).map { _ in UInt8.random(in: .min ... .max) }
        let token = try fernet.encrypt(bytes)
        #expect(try fernet.decrypt(token) == bytes)
        #expect(try fernet.encrypt(bytes) != token)
    }

    @Test func refusesATokenWithAnyByteChanged() throws {
        let fernet = try Fernet(keys: [Self.specKey])
        let token = Array(Self.specToken.utf8)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \n\0".utf8)
        for index in token.indices {
            for byte in alphabet where byte != token[index] {
                var changed = token
                changed[index] = byte
                #expect(throws: Fernet.Refusal.invalidToken) {
                    try fernet.decrypt(String(decoding: changed, as: UTF8.self))
                }
            }
            var shorter = token
            shorter.remove(at: index)
            #expect(throws: Fernet.Refusal.invalidToken) {
                try fernet.decrypt(String(decoding: shorter, as: UTF8.self))
            }
        }
        for extra in ["=", "A", " ", "\n", "AAAA"] {
            #expect(throws: Fernet.Refusal.invalidToken) { try fernet.decrypt(Self.specToken + extra) }
        }
    }

    @Test func keysAreReplacedOneAfterAnother() throws {
        let (old, new) = (Fernet.makeKey(), Fernet.makeKey())
        let before = try Fernet(keys: [old])
        let during = try Fernet(keys: [new, old])
        let after = try Fernet(keys: [new])
        let token = try before.encrypt([1, 2, 3])
        #expect(try !before.needsRotation(token))
        #expect(try during.decrypt(token) == [1, 2, 3])
        #expect(try during.needsRotation(token))
        #expect(throws: Fernet.Refusal.invalidToken) { try after.decrypt(token) }
        let rotated = try during.encrypt(during.decrypt(token))
        #expect(try !during.needsRotation(rotated))
        #expect(try after.decrypt(rotated) == [1, 2, 3])
        #expect(throws: Fernet.Refusal.invalidToken) { try during.needsRotation("nonsense") }
    }

    @Test(arguments: [
        [], [""], ["x"], ["cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4"],
        ["cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e5="],
        ["cw/0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4="], ["AAAA"], [specKey, "x"],
    ])
    func refusesUnfitKeys(keys: [String]) {
        #expect(throws: Fernet.Refusal.invalidKey) { try Fernet(keys: keys) }
    }

    @Test func showsNothingOfItsKeys() throws {
        let key = Fernet.makeKey()
        let fernet = try Fernet(keys: [key])
        var dumped = ""
        dump(fernet, to: &dumped)
        #expect("\(fernet)" == "•••")
        #expect(String(reflecting: fernet) == "•••")
        #expect(dumped.contains("•••") && !dumped.contains("Key"))
        #expect(Fernet.makeKey() != key && key.utf8.count == 44)
    }

    @Test func isUnderstoodByPythonBothWays() throws {
        let (older, newer) = (Fernet.makeKey(), Fernet.makeKey())
        let fernet = try Fernet(keys: [newer, older])
        let text = "grüße \u{0} 😀 " + String(repeating: "x", count: 5000)
        let script = """
            import sys
            from cryptography.fernet import Fernet, MultiFernet
            newer, older, token = sys.stdin.read().split()
            text = MultiFernet([Fernet(newer), Fernet(older)]).decrypt(token.encode())
            print(Fernet(older).encrypt(text[::-1]).decode())
            print(Fernet.generate_key().decode())
            """
        let answer = try python(
            script, input: [newer, older, fernet.encrypt(Array(text.utf8))].joined(separator: "\n"))
        let lines = answer.split(separator: "\n").map(String.init)
        try #require(lines.count == 2)
        #expect(try fernet.decrypt(lines[0]) == text.utf8.reversed())
        #expect(try fernet.needsRotation(lines[0]))
        #expect(throws: Never.self) { try Fernet(keys: [lines[1]]) }
    }

    private func python(_ script: String, input: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let python = URL(filePath: try neededProgram(root.appending(path: ".venv-tests/bin/python").path))
        let process = Process()
        process.executableURL = python
        process.arguments = ["-c", script]
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: output, as: UTF8.self)
    }
}
