import Foundation
import MartletCheckpoints
import MartletDocuments
import MartletGeneration
import MartletJSON
import MartletTensors
import MartletVectorStore
import Testing

@Suite("What an error says of itself")
struct LocalizedErrorTests {
  @Test("localizedDescription says what description says")
  func descriptions() {
    let errors: [any Error & CustomStringConvertible] = [
      TensorError.shapeMismatch("3 values cannot fill 2 rows of 2"), DeviceError.noThreads(9),
      VectorStoreError.readOnly, GenerationError.emptyPrompt,
    ]
    for error in errors { #expect((error as any Error).localizedDescription == error.description) }
    let error = #expect(throws: JSONError.self) { try JSON(parsing: "[1,") }
    #expect(error?.localizedDescription == error?.description)
  }
}
