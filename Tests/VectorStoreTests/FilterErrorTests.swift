import MartletJSON
import Testing

@testable import MartletVectorStore

@Suite struct FilterErrorTests {
  @Test(arguments: [
    ("[]", "where: expected an object, found an array"),
    ("{}", "where: expected one condition, found an empty object"),
    (
      #"{"a": 1, "b": 2}"#,
      #"where: expected one condition, found 2 ("a", "b"); join conditions with $and or $or"#
    ),
    (
      #"{"$not": [{"a": 1}]}"#, "where.$not: unknown operator; here stand $and, $or, or a key of the metadata"
    ),
    (
      #"{"$contains": "x"}"#,
      "where.$contains: unknown operator; here stand $and, $or, or a key of the metadata"
    ),
    (#"{"$and": {"a": 1}}"#, "where.$and: expected a list of conditions, found an object"),
    (#"{"$or": []}"#, "where.$or: expected at least one condition, found an empty list"),
    (
      #"{"$and": [{"a": 1}, {"year": {"$gt": "x"}}]}"#,
      "where.$and[1].year.$gt: expected a number, found a string"
    ),
    (#"{"$or": [{"$and": [{"a": 1}, 2]}]}"#, "where.$or[0].$and[1]: expected an object, found a number"),
    (#"{"year": null}"#, "where.year: expected a string, a number or a boolean, found null"),
    (#"{"year": [1]}"#, "where.year: expected a string, a number or a boolean, found an array"),
    (#"{"year": {}}"#, "where.year: expected one operator, found an empty object"),
    (
      #"{"year": {"$gt": 1, "$lt": 2}}"#,
      #"where.year: expected one operator, found 2 ("$gt", "$lt"); join conditions with $and or $or"#
    ),
    (
      #"{"year": {"$like": 1}}"#,
      "where.year.$like: unknown operator; there are $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $contains, $not_contains"
    ),
    (#"{"year": {"$eq": [1]}}"#, "where.year.$eq: expected a string, a number or a boolean, found an array"),
    (#"{"year": {"$gte": true}}"#, "where.year.$gte: expected a number, found a boolean"),
    (#"{"year": {"$in": 1}}"#, "where.year.$in: expected a list of values, found a number"),
    (#"{"year": {"$nin": []}}"#, "where.year.$nin: expected at least one value, found an empty list"),
    (
      #"{"year": {"$in": [1, "a"]}}"#,
      "where.year.$in[1]: expected a number as before it in the list, found a string"
    ),
    (
      #"{"year": {"$in": ["a", null]}}"#,
      "where.year.$in[1]: expected a string, a number or a boolean, found null"
    ),
    (#"{"year": 9223372036854775808}"#, "where.year: 9223372036854775808 does not fit into 64 bits"),
    (#"{"year": {"$lt": 1e400}}"#, "where.year.$lt: 1e400 is no finite number"),
    (
      #"{"year": {"$regex": "a"}}"#,
      "where.year.$regex: patterns are for texts; the key #document stands for a record's text"
    ),
    (
      ##"{"#document": "a"}"##,
      ##"where.#document: expected an object such as {"$contains": …}, found a string"##
    ),
    (
      ##"{"#document": {"$eq": "a"}}"##,
      "where.#document.$eq: unknown operator for texts; there are $contains, $not_contains, $regex, $not_regex"
    ),
    (##"{"#document": {"$contains": 1}}"##, "where.#document.$contains: expected a string, found a number"),
    (
      ##"{"#document": {"$regex": "(a"}}"##,
      "where.#document.$regex: the pattern cannot be used: missing ): (a"
    ),
  ])
  func `What is wrong with a filter is said, and where`(text: String, message: String) throws {
    #expect(refusal { try Filter(where: JSON(parsing: text)) } == message)
  }

  @Test(arguments: [
    ("1", "where_document: expected an object, found a number"),
    (#"{"$contains": 1}"#, "where_document.$contains: expected a string, found a number"),
    (
      #"{"year": 1}"#,
      "where_document.year: unknown operator for texts; there are $contains, $not_contains, $regex, $not_regex"
    ),
    (
      #"{"$or": [{"$contains": "a"}, {"$not_regex": "a(?=b)"}]}"#,
      "where_document.$or[1].$not_regex: the pattern cannot be used: invalid perl operator: (?="
    ),
  ])
  func `What is wrong with a filter of texts is said, and where`(text: String, message: String) throws {
    #expect(refusal { try Filter(whereDocument: JSON(parsing: text)) } == message)
  }

  @Test func `Keys of any length make messages that can be read`() throws {
    let key = String(repeating: "k", count: 100_000)
    let message = try #require(refusal { try Filter(where: [key: ["$gt": "x"]]) })
    #expect(message.count < 200 && message.hasSuffix("….$gt: expected a number, found a string"))
    let many = JSON.object(JSONObject((0..<20).map { (key + String($0), JSON(1)) }))
    #expect(try #require(refusal { try Filter(where: many) }).count < 500)
  }

  private func refusal(_ read: () throws -> Filter) -> String? {
    do {
      _ = try read()
      return nil
    } catch {
      return String(describing: error)
    }
  }
}
