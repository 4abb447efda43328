import Testing

@testable import MartletDocuments

@Suite struct CellFormatTests {
  @Test(arguments: [
    ("General", 0.1 + 0.2, "0.3"), ("General", 1e15, "1e+15"), ("General", -4, "-4"), ("0", 2.5, "3"),
    ("0.00", 1.005, "1.01"), ("#,##0", 1_234_567, "1,234,567"), ("#,##0.00", -1234.5, "-1,234.50"),
    ("0%", 0.125, "13%"), ("0.00%", 0.12345, "12.35%"), ("[$€-407] #,##0.00", 12.5, "€ 12.50"),
    ("0.0\" kg\"", 3.14159, "3.1 kg"), ("yyyy-mm-dd", 45_351, "2024-02-29"),
    ("m/d/yy h:mm", 45_351.5, "2024-02-29 12:00"),
    ("h:mm:ss", 0.75, "18:00"), ("[h]:mm", 1.5, "36:00:00"), ("dd.mm.yyyy", 1, "1900-01-01"),
    ("0.00E+00", 12_345, "12345"),
  ])
  func `Numbers are shown by their format`(_ code: String, _ number: Double, _ shown: String) {
    #expect(NumberFormat(code: code).shown(number, startsIn1904: false) == shown)
  }

  @Test func `Days are counted from 1904 where a workbook says so`() {
    #expect(NumberFormat(code: "yyyy-mm-dd").shown(43_889, startsIn1904: true) == "2024-02-29")
  }

  @Test func `References to cells are read, and nonsense is not`() {
    #expect(CellRange.cell("XFD1048576").map { [$0.row, $0.column] } == [1_048_575, 16_383])
    #expect(CellRange.cell("1A") == nil)
    #expect(CellRange.cell("AAAAAAAAAAAAAAAAAAAA1") == nil)
    #expect(CellRange("C3:A1") == nil)
    #expect(CellText.unescaped("a_x000D_b_x0041_c_xyz") == "abAc_xyz")
  }
}
