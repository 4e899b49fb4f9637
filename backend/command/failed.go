package command

import "github.com/dingpass/dingpass/backend/login"

// errorResult is the JSON of a command that has no result.
type errorResult struct {
	Error struct {
		Code    login.Code `json:"code"`
		Message string     `json:"message"`
	} `json:"error"`
}

// failed prints an error the way the command prints results.
func (p *Program) failed(line *line, err error) error {
	if !line.json() {
		return err
	}
	if printErr := p.tellFailure(line, err); printErr != nil {
		return printErr
	}
	return told{err}
}

// tellFailure writes the error's JSON.
func (p *Program) tellFailure(line *line, err error) error {
	var r errorResult
	r.Error.Code, r.Error.Message = codeOf(err), p.explain(line, err)
	return p.result(r)
}

// codeOf is the code for JSON. A settings problem is one of the app's set-up.
func codeOf(err error) login.Code {
	if exitCode(err) == exitUsage && login.CodeOf(err) == login.Internal {
		return login.AppMisconfigured
	}
	return login.CodeOf(err)
}
