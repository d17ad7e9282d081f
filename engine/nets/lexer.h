// Lexer: words, signs and stretches of a net's text, with where they stand. Internal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace yard::nets {

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  // "line:column" of what comes next, both from 1, columns in bytes.
  [[nodiscard]] std::string where();
  [[nodiscard]] bool is_end();

  // A name; letters, digits and _ - / after a letter or _. Empty: something else comes.
  std::string_view word();
  [[nodiscard]] std::string_view peek_word();
  // Digits; empty: something else comes.
  std::string_view number();
  // Whether `sign` comes; it is taken if so.
  bool take(std::string_view sign);
  // Whether the keyword comes, whole.
  bool take_word(std::string_view keyword);

  // What stands before `end` on the way to it, which is taken, too. Brackets and texts in between are passed over.
  // False: there is none.
  bool until(std::string_view end, std::string& stretch);
  // Goes to the next line that begins with a keyword.
  void skip_statement();

 private:
  void skip_space();
  void advance(std::size_t count);

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_begins_ = 0;
};

// agent, rule, net … : no names for anything else.
[[nodiscard]] bool is_keyword(std::string_view word);

}  // namespace yard::nets
