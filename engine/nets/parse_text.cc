#include "engine/nets/parse_text.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "engine/base/text.h"
#include "engine/nets/lexer.h"
#include "engine/nets/limits.h"
#include "engine/nets/wires.h"

namespace yard::nets {
namespace {

// Parse functions return whether they understood; if not, the problem is told and the statement is skipped.
class TextParser {
 public:
  TextParser(std::string_view text, Problems& problems)
      : lexer_(text), problems_(problems), net_wires_(spec_.connect, problems) {}

  NetSpec parse() {
    while (!lexer_.is_end() && problems_.size() < kProblemsMax)
      if (!statement()) lexer_.skip_statement();
    net_wires_.finish();
    return std::move(spec_);
  }

 private:
  bool statement() {
    if (lexer_.take_word("agent")) return list(&TextParser::symbol);
    if (lexer_.take_word("rule")) return rule();
    if (lexer_.take_word("free")) return list(&TextParser::free_wire);
    if (lexer_.take_word("net")) return equations(spec_.agents, net_wires_);
    if (lexer_.take_word("derived")) return list(&TextParser::derived);
    if (lexer_.take_word("discipline")) return discipline();
    return refuse("agent, rule, free, net, derived or discipline is expected");
  }

  bool list(bool (TextParser::*element)()) {
    do {
      if (!(this->*element)()) return false;
    } while (lexer_.take(","));
    return true;
  }

  bool discipline() {
    if (lexer_.take_word("annette"))
      spec_.discipline = Discipline::kAnnette;
    else if (!lexer_.take_word("lafont"))
      return refuse("lafont or annette is expected");
    return true;
  }

  // Name, Name 2, Name(in!, out), each with : type if agents have values.
  bool symbol() {
    SymbolSpec symbol{.where = lexer_.where()};
    if (!name(symbol.name)) return false;
    if (lexer_.take("(")) {
      do {
        PortSpec port{.where = lexer_.where()};
        if (!name(port.name)) return false;
        port.is_principal = lexer_.take("!");
        symbol.ports.push_back(std::move(port));
      } while (lexer_.take(","));
      if (!expect(")")) return false;
    } else {
      std::size_t arity = 0;
      if (!number(arity, kPortsMax - 1)) return false;
      for (std::size_t i = 0; i <= arity; ++i)
        symbol.ports.push_back({.name = std::to_string(i), .is_principal = i == 0, .where = symbol.where});
    }
    if (lexer_.take(":")) symbol.value_type = lexer_.word();
    symbols_.emplace(symbol.name, spec_.symbols.size());
    spec_.symbols.push_back(std::move(symbol));
    return true;
  }

  bool free_wire() {
    FreeSpec free{.where = lexer_.where()};
    if (!name(free.name)) return false;
    spec_.free.push_back(std::move(free));
    return true;
  }

  bool derived() {
    DerivedSpec derived{.where = lexer_.where()};
    if (!name(derived.name) || !expect("=")) return false;
    if (!lexer_.until(")", derived.formula)) return refuse("count(…), value(…) or number(…) is expected");
    derived.formula += ')';
    spec_.derived.push_back(std::move(derived));
    return true;
  }

  // ---- rules

  // One side: Name[value](wire, …), or Name.port[value](…) where another than the principal port meets.
  struct Side {
    PortRef active;
    std::string value;
    std::vector<std::pair<PortRef, PortRef>> wires;  // the name, and the port it stands at
  };

  bool rule() {
    RuleSpec rule{.where = lexer_.where()};
    Side left;
    Side right;
    if (!side(left, "left") || !expect("~") || !side(right, "right")) return false;
    rule.left = left.active;
    rule.right = right.active;
    rule.values = {left.value, right.value};
    bool is_read = true;
    if (lexer_.take("=>")) {
      is_read = body(rule.cases.emplace_back(CaseSpec{.where = rule.where}), left, right);
    } else {
      do {
        CaseSpec& one = rule.cases.emplace_back(CaseSpec{.where = lexer_.where()});
        if (!guard(one.when)) return false;
        is_read = body(one, left, right);
      } while (is_read && (lexer_.peek_word() == "when" || lexer_.peek_word() == "else"));
    }
    if (is_read) spec_.rules.push_back(std::move(rule));
    return is_read;
  }

  bool guard(std::string& when) {
    if (lexer_.take_word("when")) {
      if (!lexer_.until("=>", when) || when.empty()) return refuse("a guard and => are expected");
      return true;
    }
    if (lexer_.take_word("else")) return expect("=>");
    return refuse("=>, when or else is expected");
  }

  bool side(Side& side, const char* id) {
    side.active.where = lexer_.where();
    if (!name(side.active.agent) || !port(side.active.port)) return false;
    if (lexer_.take("[") && (!name(side.value) || !expect("]"))) return false;
    if (!lexer_.take("(")) return true;
    const std::size_t active = slot_of_port(side.active.agent, side.active.port);
    do {
      PortRef wire{.where = lexer_.where()};
      if (!name(wire.port)) return false;
      const std::size_t slot = side.wires.size() + (side.wires.size() >= active ? 1 : 0);
      side.wires.emplace_back(wire, PortRef{.agent = id, .port = std::to_string(slot), .where = wire.where});
    } while (lexer_.take(","));
    return expect(")");
  }

  bool body(CaseSpec& one, const Side& left, const Side& right) {
    Wires wires(one.connect, problems_);
    for (const Side* side : {&left, &right})
      for (const auto& [wire, end] : side->wires) wires.connect(wire, end);
    if (!lexer_.take_word("none") && !equations(one.create, wires)) return false;
    wires.finish();
    return true;
  }

  // ---- terms

  bool equations(std::vector<AgentSpec>& agents, Wires& wires) {
    do {
      PortRef a;
      PortRef b;
      if (!term(agents, wires, a) || !expect("~") || !term(agents, wires, b)) return false;
      wires.connect(std::move(a), std::move(b));
    } while (lexer_.take(","));
    return true;
  }

  // A wire's name, or an agent with what its other ports are connected to. `root`: what stands for it outside.
  bool term(std::vector<AgentSpec>& agents, Wires& wires, PortRef& root) {
    const Nesting nesting(nesting_);
    if (nesting_ > kNestingMax) return refuse("terms are nested too deep; S^n(x) is n of them");
    AgentSpec agent{.where = lexer_.where()};
    if (!name(agent.symbol)) return false;
    if (!is_symbol(agent.symbol)) {
      root = {.agent = {}, .port = agent.symbol, .where = agent.where};
      return true;
    }
    root = {.agent = "#" + std::to_string(agents.size()), .port = {}, .where = agent.where};
    agent.id = root.agent;
    std::size_t times = 1;
    if (!port(root.port) || (lexer_.take("^") && !number(times, kPowerMax))) return false;
    if (lexer_.take("[") && !lexer_.until("]", agent.value)) return refuse("] is missing");
    std::size_t active = slot_of_port(agent.symbol, root.port);
    if (times > 1 && active != 0) return refuse("only terms with their principal port outside can be repeated");
    PortRef last = root;
    if (times == 0) return refuse("^0 is nothing");
    agents.push_back(agent);
    for (; times > 1; --times) {
      agent.id = "#" + std::to_string(agents.size());
      agents.push_back(agent);
      wires.connect({.agent = last.agent, .port = "1", .where = agent.where},
                    {.agent = agent.id, .port = "0", .where = agent.where});
      last.agent = agent.id;
    }
    return !lexer_.take("(") || arguments(agents, wires, last, active);
  }

  bool arguments(std::vector<AgentSpec>& agents, Wires& wires, const PortRef& agent, std::size_t active) {
    std::size_t slot = 0;
    do {
      if (slot == active) ++slot;
      PortRef argument;
      if (!term(agents, wires, argument)) return false;
      wires.connect({.agent = agent.agent, .port = std::to_string(slot), .where = argument.where}, argument);
      ++slot;
    } while (lexer_.take(","));
    return expect(")");
  }

  // ---- words

  [[nodiscard]] const SymbolSpec* find_symbol(std::string_view text) const {
    const auto found = symbols_.find(std::string(text));
    return found == symbols_.end() ? nullptr : &spec_.symbols[found->second];
  }
  // Agents begin with a capital letter where they are not declared, so that a typing error is told as one.
  [[nodiscard]] bool is_symbol(std::string_view text) const {
    return (text.front() >= 'A' && text.front() <= 'Z') || find_symbol(text) != nullptr;
  }
  [[nodiscard]] std::size_t slot_of_port(std::string_view symbol, std::string_view port) const {
    std::size_t slot = 0;
    if (port.empty() || std::from_chars(port.data(), port.data() + port.size(), slot).ec == std::errc()) return slot;
    const SymbolSpec* spec = find_symbol(symbol);
    if (spec == nullptr) return 0;
    return static_cast<std::size_t>(std::ranges::find(spec->ports, port, &PortSpec::name) - spec->ports.begin());
  }

  bool name(std::string& text) {
    if (lexer_.peek_word().empty() || is_keyword(lexer_.peek_word())) return refuse("a name is expected");
    text = lexer_.word();
    if (text.size() > kNameBytesMax) return refuse("a name is too long");
    return true;
  }
  // .port, if there is one.
  bool port(std::string& text) {
    if (!lexer_.take(".")) return true;
    text = lexer_.number();
    return !text.empty() || name(text);
  }
  // If there is one.
  bool number(std::size_t& value, std::size_t most) {
    const std::string_view digits = lexer_.number();
    if (digits.empty()) return true;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc() || value > most) return refuse("at most " + std::to_string(most));
    return true;
  }
  bool expect(std::string_view sign) { return lexer_.take(sign) || refuse(std::string(sign) + " is expected"); }
  bool refuse(std::string message) {
    problems_.push_back({lexer_.where(), std::move(message)});
    return false;
  }

  struct Nesting {
    explicit Nesting(std::size_t& depth) : depth_(depth) { ++depth_; }
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    std::size_t& depth_;
  };

  Lexer lexer_;
  Problems& problems_;
  NetSpec spec_;
  std::unordered_map<std::string, std::size_t> symbols_;  // places in spec_.symbols
  Wires net_wires_;
  std::size_t nesting_ = 0;
};

}  // namespace

NetSpec parse_text(std::string_view text, Problems& problems) { return TextParser(text, problems).parse(); }

}  // namespace yard::nets
