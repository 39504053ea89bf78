import JSON
import Testing

@testable import App
@testable import HTTPKit

@Suite struct FormFieldsTests {
    @Test(
        "Forms are read",
        arguments: [
            ("", [:]), ("a=1", ["a": "1"]), ("a=1&b=2", ["a": "1", "b": "2"]), ("a=1&a=2", ["a": "2"]),
            ("a", ["a": ""]), ("a=", ["a": ""]), ("=x", ["": "x"]), ("&&a=1&", ["a": "1"]), ("a=b=c", ["a": "b=c"]),
            ("a+b=c+d", ["a b": "c d"]), ("%61=%62", ["a": "b"]), ("a=%2B%26%3D", ["a": "+&="]),
            ("a=%e0%a6%b9", ["a": "হ"]), ("a=%E0%A6%B9", ["a": "হ"]), ("a=%00", ["a": "\0"]),
            ("password=p%C3%A4ss%20w%25rd", ["password": "päss w%rd"]),
        ] as [(String, [String: String])])
    func read(text: String, fields: [String: String]) {
        #expect(FormFields.parse(text.utf8) == fields.mapValues { JSONValue.string($0) })
    }

    @Test(
        "What is not properly escaped UTF-8 is refused",
        arguments: [
            "a=%", "a=%4", "a=%zz", "%=1", "a=%FF", "a=%C0%AF", "a=%ED%A0%80", "a=%E0%A6", "a=%+1",
        ])
    func refused(text: String) {
        #expect(FormFields.parse(text.utf8) == nil)
    }

    @Test("Random bytes never crash")
    func random() {
        var random = RandomJSON(seed: 3)
        let alphabet = Array("%&=+aF0\u{FF}".utf8)
        for _ in 0..<20_000 {
            _ = FormFields.parse(random.bytes(random.below(30)))
            _ = FormFields.parse((0..<random.below(20)).map { _ in random.pick(alphabet) })
        }
    }
}
