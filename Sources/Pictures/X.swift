public struct P {}
