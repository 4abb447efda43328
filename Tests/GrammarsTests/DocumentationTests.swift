import MartletGrammars
import Testing
