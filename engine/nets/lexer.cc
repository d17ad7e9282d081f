#include "engine/nets/lexer.h"

#include <algorithm>
#include <array>

namespace yard::nets {
namespace {

constexpr std::array<std::string_view, 9> kKeywords = {"agent", "derived", "discipline", "else", "free",
                                                       "net",   "none",    "rule",       "when"};
constexpr std::array<std::string_view, 6> kStatements = {"agent", "derived", "discipline", "free", "net", "rule"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_keyword(std::string_view word) { return std::ranges::find(kKeywords, word) != kKeywords.end(); }

void Lexer::advance(std::size_t count) {
  for (const std::size_t end = at_ + count; at_ < end; ++at_) {
    if (text_[at_] != '\n') continue;
    ++line_;
    line_begins_ = at_ + 1;
  }
}

void Lexer::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#')
      advance(std::min(text_.find('\n', at_), text_.size()) - at_);
    else if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
      advance(1);
    else
      return;
  }
}

std::string Lexer::where() {
  skip_space();
  return std::to_string(line_) + ":" + std::to_string(at_ - line_begins_ + 1);
}

bool Lexer::is_end() {
  skip_space();
  return at_ == text_.size();
}

std::string_view Lexer::peek_word() {
  skip_space();
  std::size_t end = at_;
  while (end < text_.size() &&
         (is_letter(text_[end]) || (end > at_ && (is_digit(text_[end]) || text_[end] == '-' || text_[end] == '/'))))
    ++end;
  return text_.substr(at_, end - at_);
}

std::string_view Lexer::word() {
  const std::string_view found = peek_word();
  advance(found.size());
  return found;
}

std::string_view Lexer::number() {
  skip_space();
  std::size_t end = at_;
  while (end < text_.size() && is_digit(text_[end])) ++end;
  const std::string_view found = text_.substr(at_, end - at_);
  advance(found.size());
  return found;
}

bool Lexer::take(std::string_view sign) {
  skip_space();
  if (!text_.substr(at_).starts_with(sign)) return false;
  advance(sign.size());
  return true;
}

bool Lexer::take_word(std::string_view keyword) {
  if (peek_word() != keyword) return false;
  advance(keyword.size());
  return true;
}

bool Lexer::until(std::string_view end, std::string& stretch) {
  skip_space();
  std::size_t depth = 0;
  bool is_text = false;
  for (std::size_t at = at_; at < text_.size(); ++at) {
    const char c = text_[at];
    if (is_text) {
      if (c == '\\') ++at;
      is_text = c != '"';
      continue;
    }
    if (depth == 0 && text_.substr(at).starts_with(end)) {
      stretch.assign(text_.substr(at_, at - at_));
      while (!stretch.empty() && (stretch.back() == ' ' || stretch.back() == '\n')) stretch.pop_back();
      advance(at + end.size() - at_);
      return true;
    }
    is_text = c == '"';
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth-- == 0) return false;
  }
  return false;
}

void Lexer::skip_statement() {
  const auto begins_line = [&] {
    const std::string_view before = text_.substr(line_begins_, at_ - line_begins_);
    return before.find_first_not_of(" \t") == std::string_view::npos;
  };
  while (at_ < text_.size()) {
    if (std::ranges::find(kStatements, peek_word()) != kStatements.end() && begins_line()) return;
    advance(std::min(text_.find('\n', at_), text_.size()) - at_);
    if (is_end() || std::ranges::find(kStatements, peek_word()) != kStatements.end()) return;
  }
}

}  // namespace yard::nets
