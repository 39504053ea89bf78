import Foundation
package import HTTPKit
import HTTPTypes
import JSON
package import Platform
package import Storage

/// What models cost, for operators. A model's name may have slashes, which the path spells `%2F`.
package struct PriceRoutes: Sendable {
    package let prices: Prices
    package let database: Database

    package init(prices: Prices, database: Database) {
        self.prices = prices
        self.database = database
    }

    package enum Reading: Need { package static var permission: Permission { .pricesRead } }
    package enum Writing: Need { package static var permission: Permission { .pricesWrite } }

    package struct Write: Input, Ruled {
        package let inputPerMillion: Int
        package let outputPerMillion: Int
        package let cachedInputPerMillion: Int?
        package let cacheWritePerMillion: Int?
        package let perCall: JSONObject?

        package static var rules: [String: Rule] {
            [
                "input_per_million": .number(0...Double(Price.highest), note: note),
                "output_per_million": .number(0...Double(Price.highest), note: note),
                "cached_input_per_million": .number(
                    0...Double(Price.highest),
                    note: "For input that the vendor's cache holds; the price of other input if omitted."),
                "cache_write_per_million": .number(
                    0...Double(Price.highest),
                    note: "For input that the vendor is asked to cache; 5/4 of other input's price if omitted."),
                "per_call": .note(
                    "In micro-units: `request` for each call, `web_search` for each search of the vendor's own. Without "
                        + "the latter, calls that ask for one are refused."),
            ]
        }
        private static let note = "In micro-units, for a million tokens."
    }

    package func list(_ who: Operator<Reading>, _ paging: Paging) async throws -> List<ModelPrice> {
        let after = try paging.after.map { text in
            guard let plain = Base64URL.decode(text).flatMap({ String(validating: $0, as: UTF8.self) }),
                plain.hasPrefix(ModelPrice.cursorMark)
            else { throw APIError(.invalidCursor, param: "after") }
            return String(plain.dropFirst(ModelPrice.cursorMark.count))
        }
        let prices = try await database.read(.system) { tx in
            try ModelPrice.list(tx, after: after ?? "", limit: paging.count)
        }
        return List(prices, limit: paging.count)
    }

    package func write(_ who: Operator<Writing>, _ input: Write) async throws -> ModelPrice {
        let perCall = try CallPrices(input.perCall ?? JSONObject())
        let price = ModelPrice(
            model: try Self.model(who.call), inputPerMillion: input.inputPerMillion,
            outputPerMillion: input.outputPerMillion, cachedInputPerMillion: input.cachedInputPerMillion,
            cacheWritePerMillion: input.cacheWritePerMillion, perCall: perCall.object, updatedAt: .now)
        who.call.audit(target: "model:\(price.model)")
        try await database.write(.system) { tx in
            let old = try ModelPrice.find(tx, model: price.model)
            try price.write(tx)
            let new = try AuditEntry.values(of: price, in: ModelPrice.audited)
            who.call.audit(
                detail: try old.map { try AuditEntry.changes(from: $0, to: price, in: ModelPrice.audited) } ?? new)
        }
        prices.forget()
        return price
    }

    package func delete(_ who: Operator<Writing>) async throws -> NoContent {
        let model = try Self.model(who.call)
        who.call.audit(target: "model:\(model)")
        try await database.write(.system) { tx in
            let old = try ModelPrice.delete(tx, model: model)
            who.call.audit(detail: try AuditEntry.values(of: old, in: ModelPrice.audited))
        }
        prices.forget()
        return NoContent()
    }

    /// What no model can be called is not there.
    private static func model(_ call: Call) throws(APIError) -> String {
        guard let model = call.parameter("model").removingPercentEncoding,
            (1...200).contains(model.unicodeScalars.count),
            model.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0.value > 31 && $0.value != 127 })
        else { throw APIError(.notFound) }
        return model
    }
}

/// What one model costs.
package struct ModelPrice: JSONOutput {
    /// As `provider/model`, or as `model` at every provider that has no price of its own for it.
    package let model: String
    package let inputPerMillion: Int
    package let outputPerMillion: Int
    package var cachedInputPerMillion: Int? = nil
    package var cacheWritePerMillion: Int? = nil
    package var perCall: JSONObject? = nil
    package let updatedAt: Timestamp

    /// What the audit trail tells of it.
    package static let audited = [
        "input_per_million", "output_per_million", "cached_input_per_million", "cache_write_per_million", "per_call",
    ]
}

extension ModelPrice {
    static let columns = """
        model, input_per_million, output_per_million, cached_input_per_million, cache_write_per_million, per_call, updated_at
        """

    private init(_ row: Row) throws {
        self.init(
            model: try row.string("model"), inputPerMillion: try row.int("input_per_million"),
            outputPerMillion: try row.int("output_per_million"),
            cachedInputPerMillion: try row.intIfPresent("cached_input_per_million"),
            cacheWritePerMillion: try row.intIfPresent("cache_write_per_million"),
            perCall: CallPrices(stored: try row.stringIfPresent("per_call")).object,
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")))
    }

    package static func list(_ tx: Transaction, after: String, limit: Int) throws -> [ModelPrice] {
        try tx.rows(
            """
            SELECT \(columns) FROM prices WHERE model > ? ORDER BY model LIMIT ?
            """,
            [after, limit + 1], ModelPrice.init)
    }

    package static func find(_ tx: Transaction, model: String) throws -> ModelPrice? {
        try tx.row("SELECT \(columns) FROM prices WHERE model = ?", [model], ModelPrice.init)
    }

    package func write(_ tx: Transaction) throws {
        try tx.run(
            """
            INSERT INTO prices (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (model) DO UPDATE SET input_per_million = excluded.input_per_million,
                output_per_million = excluded.output_per_million,
                cached_input_per_million = excluded.cached_input_per_million,
                cache_write_per_million = excluded.cache_write_per_million, per_call = excluded.per_call, updated_at = excluded.updated_at
            """,
            [
                model, inputPerMillion, outputPerMillion, cachedInputPerMillion, cacheWritePerMillion,
                try perCall.map { String(decoding: try JSONWriter.encode($0), as: UTF8.self) }, updatedAt,
            ])
    }

    package static func delete(_ tx: Transaction, model: String) throws -> ModelPrice {
        let old = try tx.row("DELETE FROM prices WHERE model = ? RETURNING \(columns)", [model], ModelPrice.init)
        guard let old else { throw APIError(.notFound) }
        return old
    }
}

extension ModelPrice {
    /// Tells a cursor of this list, which may hold any name, from those of others.
    fileprivate static let cursorMark = "price "
}

extension List where Item == ModelPrice {
    fileprivate init(_ prices: [ModelPrice], limit: Int) {
        let data = Array(prices.prefix(limit))
        self.init(
            data: data,
            next: prices.count > limit
                ? data.last.map { Base64URL.encode("\(ModelPrice.cursorMark)\($0.model)".utf8) } : nil)
    }
}

extension PriceRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/admin/prices", .read, id: "list_prices", "List prices of models",
                about: "In micro-units per million tokens.",
                list,
                errors: [.forbidden]),
            Route(
                .put, "/admin/prices/{model}", .write, id: "set_price", "Set the price of a model",
                about: "`model` is `provider/model` or a model's name.",
                write,
                errors: [.forbidden]),
            Route(
                .delete, "/admin/prices/{model}", .write, id: "delete_price", "Remove the price of a model",
                about: "The default price applies again.",
                delete, .noContent,
                errors: [.forbidden]),
        ].tagged(.administration)
    }
}
