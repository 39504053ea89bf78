import Foundation
import Testing

@testable import Accounts
@testable import App

@Suite struct PasswordTests {
    private static let argon2id = PasswordHasher(scheme: .argon2id)
    /// The fewest rounds there are: these tests are about passwords, not about time.
    private static let bcrypt = PasswordHasher(scheme: .bcrypt(rounds: 4))

    private func isRight(_ verification: PasswordHasher.Verification) -> Bool { verification != .wrong }

    @Test func hashesInTheFormatsOfTheirSchemes() async throws {
        let argon2id = try await Self.argon2id.hash("correct horse")
        #expect(argon2id.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try await Self.argon2id.hash("correct horse") != argon2id)
        let bcrypt = try await Self.bcrypt.hash("correct horse")
        #expect(bcrypt.hasPrefix("$2b$04$") && bcrypt.utf8.count == 60)
        #expect(try await Self.bcrypt.hash("correct horse") != bcrypt)
    }

    /// Hashes from the test suites of the reference Argon2 and of crypt_blowfish.
    @Test(arguments: [
        ("password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
        ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
    ])
    func verifiesKnownHashes(password: String, hash: String) async throws {
        #expect(try await Self.argon2id.verify(password, against: hash) == .right(needsRehash: true))
        #expect(try await Self.argon2id.verify(password + "x", against: hash) == .wrong)
        let damaged = hash.dropLast() + (hash.hasSuffix("c") ? "d" : "c")
        #expect(try await Self.argon2id.verify(password, against: String(damaged)) == .wrong)
    }

    @Test func tellsWhenToHashAgain() async throws {
        let bcrypt = try await Self.bcrypt.hash("secret one")
        let argon2id = try await Self.argon2id.hash("secret one")
        let stronger = PasswordHasher(scheme: .bcrypt(rounds: 5), workers: 1)
        #expect(try await Self.bcrypt.verify("secret one", against: bcrypt) == .right(needsRehash: false))
        #expect(try await Self.argon2id.verify("secret one", against: argon2id) == .right(needsRehash: false))
        #expect(try await stronger.verify("secret one", against: bcrypt) == .right(needsRehash: true))
        #expect(try await Self.argon2id.verify("secret one", against: bcrypt) == .right(needsRehash: true))
        #expect(try await Self.bcrypt.verify("secret one", against: argon2id) == .right(needsRehash: true))
        let older = "$2y$" + bcrypt.dropFirst(4)
        #expect(try await Self.bcrypt.verify("secret one", against: older) == .right(needsRehash: true))
        #expect(try await Self.bcrypt.verify("secret two", against: bcrypt) == .wrong)
    }

    @Test(arguments: [
        "", "short", "pässwörd", "密码密码密码", "😀😀😀😀", "a\0b", "\0", String(repeating: "a", count: 71),
        String(repeating: "a", count: 72), String(repeating: "a", count: 73), String(repeating: "é", count: 40),
        String(repeating: "long ", count: 200),
    ])
    func everyPasswordCountsToItsLastByte(password: String) async throws {
        for hasher in [Self.argon2id, Self.bcrypt] {
            let hash = try await hasher.hash(password)
            #expect(try await hasher.verify(password, against: hash) == .right(needsRehash: false))
            for other in [
                password + "x", password + "\0", password + "a", String(password.unicodeScalars.dropLast()) + "c",
            ] {
                #expect(try await hasher.verify(other, against: hash) == .wrong, "\(other.utf8.count) bytes")
            }
        }
    }

    @Test func bcryptMarksWhatItShortens() async throws {
        let fits = String(repeating: "a", count: 72)
        #expect(try await Self.bcrypt.hash(fits).hasPrefix("$2b$04$"))
        #expect(try await Self.bcrypt.hash("a\0b").hasPrefix("$sha256$2b$04$"))
        let marked = try await Self.bcrypt.hash(fits + "a")
        #expect(marked.hasPrefix("$sha256$2b$04$"))
        // What others made by cutting off at 72 bytes lets no longer password in.
        let plain = try await Self.bcrypt.hash(fits)
        #expect(try await Self.bcrypt.verify(fits + "a", against: plain) == .wrong)
        #expect(try await Self.bcrypt.verify(fits, against: String(marked.dropFirst("$sha256".count))) == .wrong)
        #expect(try await Self.bcrypt.verify(fits + "a", against: String(marked.dropFirst("$sha256".count))) == .wrong)
    }

    @Test func accentsMayBeComposedEitherWay() async throws {
        for hasher in [Self.argon2id, Self.bcrypt] {
            let hash = try await hasher.hash("caf\u{E9} au lait")
            #expect(isRight(try await hasher.verify("cafe\u{301} au lait", against: hash)))
            #expect(try await hasher.verify("cafe au lait", against: hash) == .wrong)
        }
    }

    @Test(arguments: [
        "", "x", "password", "$", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$$",
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$!!",
        "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65536,t=4294967295,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=16$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
        "$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$2a$05$CCCC",
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyO:W",
        "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/", "*0", "!",
        "$2b$\0",
    ])
    func unknownHashesAreWrong(hash: String) async throws {
        #expect(try await Self.bcrypt.verify("U*U", against: hash) == .wrong)
        #expect(try await Self.bcrypt.verify("", against: hash) == .wrong)
    }

    @Test func verifyingNothingWorks() async throws {
        try await Self.argon2id.verifyNothing("anything")
        try await Self.bcrypt.verifyNothing(String(repeating: "x", count: 200))
        let broken = PasswordHasher(scheme: .bcrypt(rounds: 99), workers: 1)
        await #expect(throws: PasswordError.unavailable) { try await broken.hash("x") }
    }

    @Test func nothingTellsThePassword() async throws {
        let hasher = PasswordHasher(scheme: .bcrypt(rounds: 99), workers: 1)
        let error = await #expect(throws: PasswordError.self) { try await hasher.hash("hunter2-hunter2") }
        var dumped = ""
        dump(hasher, to: &dumped)
        dump(error, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }
}

@Suite struct HashingThreadsTests {
    /// Work that is under way until it is let go.
    private struct Blocker {
        let task: Task<String, any Error>
        private let gate = DispatchSemaphore(value: 0)

        init(_ threads: HashingThreads) async {
            let (started, continuation) = AsyncStream<Void>.makeStream()
            task = Task { [gate] in
                try await threads.run { () throws(HashingFailure) in
                    continuation.finish()
                    gate.wait()
                    return "done"
                }
            }
            for await _ in started {}
        }

        func letGo() { gate.signal() }
    }

    @Test func refusesWhatExceedsTheQueueWhileTheRestFinishes() async throws {
        let threads = HashingThreads(count: 1, maxWaiting: 3)
        let blocker = await Blocker(threads)
        await withTaskGroup { group in
            for number in 0..<10 {
                group.addTask { () -> Result<Int, PasswordError> in
                    do throws(PasswordError) {
                        return .success(try await threads.run { () throws(HashingFailure) in number })
                    } catch { return .failure(error) }
                }
            }
            // Seven are refused at once, three wait until the thread is free.
            for _ in 0..<7 { #expect(await group.next() == .failure(.overloaded)) }
            blocker.letGo()
            var done = 0
            for await result in group where (try? result.get()) != nil { done += 1 }
            #expect(done == 3)
        }
        #expect(try await blocker.task.value == "done")
        for number in 0..<100 {
            #expect(try await threads.run { () throws(HashingFailure) in number } == number)
        }
    }

    @Test func whoeverLeavesIsAnsweredAndFreesTheirPlace() async throws {
        let threads = HashingThreads(count: 1, maxWaiting: 1)
        let blocker = await Blocker(threads)
        for delay in 0..<20 {
            let leaver = Task { try await threads.run { () throws(HashingFailure) in "never" } }
            for _ in 0..<delay { await Task.yield() }
            leaver.cancel()
            await #expect(throws: PasswordError.unavailable) { try await leaver.value }
        }
        // Running work is finished, even if its caller is cancelled.
        blocker.task.cancel()
        blocker.letGo()
        #expect(try await blocker.task.value == "done")
    }

    @Test func worksOnAsManyThreadsAsItHas() async throws {
        let threads = HashingThreads(count: 2, maxWaiting: 0)
        let one = await Blocker(threads)
        let two = await Blocker(threads)
        await #expect(throws: PasswordError.overloaded) {
            try await threads.run { () throws(HashingFailure) in "no room" }
        }
        one.letGo()
        two.letGo()
        #expect(try await [one.task.value, two.task.value] == ["done", "done"])
    }

    @Test func aFailureIsTold() async {
        let threads = HashingThreads(count: 1, maxWaiting: 0)
        await #expect(throws: PasswordError.unavailable) {
            try await threads.run { () throws(HashingFailure) -> Int in throw HashingFailure() }
        }
    }

    /// The threads end with the last who can use them.
    @Test func leavesNoThreadBehind() async throws {
        func count() -> Int {
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
            let names = threads.map { try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8) }
            return names.count { $0 == "leaving\n" }
        }
        do {
            let threads = HashingThreads(count: 100, maxWaiting: 0, name: "leaving")
            _ = try await threads.run { () throws(HashingFailure) in 1 }
            for _ in 0..<6000 {
                if count() > 0 { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(count() > 0)
            withExtendedLifetime(threads) {}
        }
        for _ in 0..<6000 {
            if count() == 0 { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(count() == 0)
    }
}

@Suite struct CommonPasswordsTests {
    @Test func comparesInLowerCase() throws {
        let path = NSTemporaryDirectory() + "common-\(UUID().uuidString).txt"
        try "123456\nPassword\r\n\nqwertz\n".write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let common = try CommonPasswords(contentsOf: path)
        #expect(common.contains("123456"))
        #expect(common.contains("PASSWORD"))
        #expect(common.contains("qwertz"))
        #expect(!common.contains("1234567"))
        #expect(!common.contains(""))
        #expect(throws: (any Error).self) { try CommonPasswords(contentsOf: path + ".absent") }
    }
}
