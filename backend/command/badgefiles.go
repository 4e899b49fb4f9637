package command

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
)

// picture is one way to draw a badge, and the file that it is to go to.
type picture struct {
	path string
	draw func(text secret.Text, b badgeResult) ([]byte, error)
}

// pngPixels is good for a print of 5 cm at 300 dots an inch.
const pngPixels = 600

// readPictures reads where a badge goes, before anything is opened or made.
func readPictures(line *line) (pictures []picture, err error) {
	for _, way := range []struct {
		flag string
		draw func(text secret.Text, b badgeResult) ([]byte, error)
	}{
		{"png", func(text secret.Text, _ badgeResult) ([]byte, error) { return offline.Picture(text, pngPixels) }},
		{"svg", func(text secret.Text, _ badgeResult) ([]byte, error) { return offline.SVG(text) }},
		{"card", func(text secret.Text, b badgeResult) ([]byte, error) { return offline.Card(text, b.Name, b.ExpiresAt) }},
	} {
		if line.text(way.flag) == "" {
			continue
		}
		path, err := filepath.Abs(line.text(way.flag))
		if err != nil {
			return nil, usage("--%s: %v", way.flag, err)
		}
		pictures = append(pictures, picture{path, way.draw})
	}
	if len(pictures) == 0 || line.duration("expires") <= 0 {
		return nil, usage("say where the badge goes, with --card, --png or --svg, and that it is good for longer than nothing")
	}
	return pictures, nil
}

// pictureFiles are the files of a badge, empty at first, one for each picture.
type pictureFiles []*os.File

// newFiles makes the files, which only their owner may read: who has the picture
// has the badge. One that is there already is somebody's, and stays as it is.
func newFiles(pictures []picture) (files pictureFiles, err error) {
	for _, p := range pictures {
		file, err := os.OpenFile(p.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		switch {
		case errors.Is(err, os.ErrExist):
			return nil, errors.Join(usage("%s is there already: name a file that is not", p.path), files.remove())
		case err != nil:
			return nil, errors.Join(usage("the badge cannot be written: %v", err), files.remove())
		}
		files = append(files, file)
	}
	return files, nil
}

func (f pictureFiles) names() (names []string) {
	for _, file := range f {
		names = append(names, file.Name())
	}
	return names
}

// draw fills the files and closes them.
func (f pictureFiles) draw(pictures []picture, text secret.Text, b badgeResult) error {
	for i, file := range f {
		content, err := pictures[i].draw(text, b)
		if err == nil {
			_, err = file.Write(content)
		}
		if err := errors.Join(err, file.Close()); err != nil {
			return usage("the badge cannot be written: %v", err)
		}
	}
	return nil
}

// remove takes the files away again.
func (f pictureFiles) remove() (err error) {
	for _, file := range f {
		_ = file.Close() // as it may be already
		err = errors.Join(err, os.Remove(file.Name()))
	}
	return err
}
